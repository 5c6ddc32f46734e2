/** Mails that are refused, kept back or bounced on demand (SBX-47, SBX-78). */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startBench } from '../stripe/test-bench.ts'
import type { Bench } from '../stripe/test-bench.ts'

let bench: Bench

beforeAll(async () => {
  bench = await startBench()
})

afterEach(async () => {
  await bench.control('DELETE', '/faults')
  await bench.control('DELETE', '/mail')
})

afterAll(() => bench.close())

const arm = (effect: object | string, more: object = {}): ReturnType<Bench['control']> =>
  bench.control('POST', '/faults', { where: 'mail', effect, times: 1, ...more })

async function send(id: string, to = 'ada@example.com'): Promise<number> {
  const reply = await fetch(`${bench.sandbox.url}/_sandbox/mail`, {
    method: 'POST',
    headers: { 'content-type': 'message/rfc822' },
    body: `From: The product <mail@rentroll.example>\r\nTo: ${to}\r\nSubject: ${id}\r\nMessage-ID: <${id}@rentroll>\r\n\r\nHello\r\n`,
  })
  return reply.status
}

interface Seen {
  readonly id: string
  readonly subject: string
  readonly text: string | null
  readonly to: { readonly address: string }[]
}

async function outbox(): Promise<readonly Seen[]> {
  const reply = await fetch(`${bench.sandbox.url}/_sandbox/mail`, { headers: { accept: 'application/json' } })
  return ((await reply.json()) as { messages: Seen[] }).messages
}

const subjects = async (): Promise<string[]> => (await outbox()).map(({ subject }) => subject)

describe('SBX-47: faults of mail', () => {
  test.each([
    ['refuse_temporary', 451],
    ['refuse_permanent', 550],
  ])(
    '%s is answered with the number of a mail server and keeps nothing; the next try arrives once',
    async (kind, status) => {
      await arm(kind)

      const statuses = [await send(kind), await send(kind), await send(kind)]

      expect(statuses).toStrictEqual([status, 201, 200])
      expect(await subjects()).toStrictEqual([kind])
    },
  )

  test('a refusal can wait for one recipient', async () => {
    await arm('refuse_permanent', { match: { to: 'Grace@' }, times: null })

    const statuses = [await send('one', 'ada@example.com'), await send('two', 'grace@example.com')]

    expect(statuses).toStrictEqual([201, 550])
  })

  test('delay keeps a mail back on the sandbox clock: taken, and seen by nobody until then', async () => {
    await arm({ kind: 'delay', ms: 600_000 })

    const status = await send('late')
    await send('quick')
    const early = await outbox()
    bench.clock.advance(600_000)
    const [arrived] = await outbox()

    expect(status).toBe(201)
    expect(early.map(({ subject }) => subject)).toStrictEqual(['quick'])
    expect(arrived).toMatchObject({ subject: 'late', receivedAt: bench.clock.now().toISOString() })
    expect(await subjects()).toStrictEqual(['late', 'quick'])
  })

  test('bounce_later takes the mail and sends a bounce to the sender', async () => {
    await arm({ kind: 'bounce_later', ms: 60_000 })

    await send('bounced', 'nobody@example.com')
    const before = await subjects()
    bench.clock.advance(60_000)
    const [bounce, ...rest] = await outbox()

    expect(before).toStrictEqual(['bounced'])
    expect(rest).toHaveLength(1)
    expect(bounce).toMatchObject({
      subject: 'Undelivered Mail Returned to Sender',
      to: [{ address: 'mail@rentroll.example' }],
    })
    expect(bounce?.text).toContain('Your mail to nobody@example.com could not be delivered')
  })

  test('every hit is logged with the message', async () => {
    await arm('refuse_temporary')
    await send('logged')

    const hits = await bench.control('GET', '/faults/hits')

    expect(hits.body[0]).toMatchObject({
      where: 'mail',
      effect: 'refuse_temporary',
      subject: { to: 'ada@example.com' },
    })
    expect(hits.body[0].subject.name).toContain('logged@rentroll')
  })
})
