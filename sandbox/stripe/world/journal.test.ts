import { spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Stripe from 'stripe'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startBench, startReceiver, until } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let folder: string
let bench: Bench | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
})

afterEach(async () => {
  await bench?.close()
  bench = undefined
  rmSync(folder, { recursive: true })
})

async function open(): Promise<Bench> {
  await bench?.close()
  bench = await startBench({ folder })
  return bench
}

function pay(stripe: Stripe, key: string): Promise<Stripe.PaymentIntent> {
  return stripe.paymentIntents.create(
    { amount: 900, currency: 'aud', payment_method: 'pm_card_visa', confirm: true, return_url: 'https://example.com' },
    { idempotencyKey: key },
  )
}

describe('SBX-4: what survives', () => {
  test('keys, objects, balance, idempotency keys, timers and order survive a restart', async () => {
    const first = await open()
    const keys = first.keys('Harbour')
    const stripe = first.sdk('Harbour')
    const intent = await pay(stripe, 'once')
    const refund = await stripe.refunds.create({ payment_intent: intent.id, amount: 100 })
    const session = await stripe.checkout.sessions.create({
      mode: 'setup',
      currency: 'aud',
      success_url: 'https://example.com',
    })
    const balance = await stripe.balance.retrieve()
    const events = await stripe.events.list({ limit: 100 })

    const second = await open()
    const again = second.sdk('Harbour')
    const replayed = await pay(again, 'once')
    const charges = await again.charges.list()
    const sameBalance = await again.balance.retrieve()
    const sameEvents = await again.events.list({ limit: 100 })
    await second.control('POST', '/funds', { account: keys.accountId, currency: 'aud', amountMinor: 5000 })
    second.clock.advance(3 * 86_400_000)

    expect(second.keys('Harbour')).toStrictEqual(keys)
    expect([replayed.id, charges.data.length]).toStrictEqual([intent.id, 1])
    expect(sameBalance).toStrictEqual(
      expect.objectContaining({ available: balance.available, pending: balance.pending }),
    )
    expect(sameEvents.data.map((event) => event.id)).toStrictEqual(events.data.map((event) => event.id))
    await expect(again.checkout.sessions.retrieve(session.id)).resolves.toMatchObject({ status: 'expired' })
    await expect(again.refunds.retrieve(refund.id)).resolves.toMatchObject({ status: 'succeeded' })
    expect((await again.customers.create({})).id).not.toBe((await again.customers.create({})).id)
    expect((await second.control('GET', '/health')).body.ok).toBe(true)
  })

  test('a record cut by a power loss is dropped, said aloud, and everything before it stays', async () => {
    const first = await open()
    const customer = await first.sdk('Harbour').customers.create({ name: 'Kim' })
    const sizeBefore = statSync(join(folder, 'stripe.journal')).size
    const lost = await first.sdk('Harbour').customers.create({ name: 'Lee' })
    await first.close()
    bench = undefined
    const path = join(folder, 'stripe.journal')
    truncateSync(path, sizeBefore + Math.floor((readFileSync(path).length - sizeBefore) / 2))

    const second = await open()
    const names = (await second.sdk('Harbour').customers.list()).data.map((one) => one.name)
    const health = await second.control('GET', '/health')
    const third = await open()

    expect(names).toStrictEqual(['Kim'])
    expect(health).toMatchObject({ status: 500, body: { ok: false } })
    expect(health.body.problems[0]).toContain('damaged at the end')
    expect((await third.control('GET', '/health')).body.ok).toBe(true)
    await expect(third.sdk('Harbour').customers.retrieve(customer.id)).resolves.toMatchObject({ name: 'Kim' })
    expect(lost.id).not.toBe(customer.id)
  })

  test('a line that is not a record is damage too', async () => {
    const first = await open()
    await first.sdk('Harbour').customers.create({ name: 'Kim' })
    await first.close()
    bench = undefined
    appendFileSync(join(folder, 'stripe.journal'), '{"oops":\n')

    const second = await open()

    expect((await second.sdk('Harbour').customers.list()).data).toHaveLength(1)
    expect(readFileSync(join(folder, 'stripe.journal.damaged'), 'utf8')).toBe('{"oops":\n')
  })

  test('a delivery that was under way when the process ended is sent after the start', async () => {
    const receiver = await startReceiver()
    receiver.answerWith(500)
    const first = await open()
    await first.sdk('Harbour').webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.created'] })
    await first.sdk('Harbour').customers.create({})
    await until(() => receiver.received.length === 1)
    await first.sandbox.stripe.runDue()
    receiver.answerWith(200)

    const second = await open()
    second.clock.advance(3_600_000)
    await second.sandbox.stripe.runDue()

    expect(receiver.received).toHaveLength(2)
    expect(second.sandbox.stripe.listDeliveries()[0]?.state).toBe('delivered')
    await receiver.close()
  })

  test('kill -9 loses no answer that was given', async () => {
    const main = join(import.meta.dirname, '../../main.ts')
    const start = async (): Promise<{ url: string; key: string; kill: () => Promise<void> }> => {
      const child = spawn(process.execPath, [main], {
        env: { ...process.env, SANDBOX_PORT: '0', RENTROLL_DATA_DIR: folder },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let printed = ''
      child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')))
      await until(() => printed.includes('Stop with Ctrl+C.'))
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      return {
        url: /Stripe API\s+(\S+)\/v1/.exec(printed)?.[1] ?? '',
        key: /sk_test_sandbox\w+/.exec(printed)?.[0] ?? '',
        kill: async () => {
          child.kill('SIGKILL')
          await ended
        },
      }
    }
    const sdk = (server: { url: string; key: string }): Stripe =>
      new Stripe(server.key, {
        host: '127.0.0.1',
        port: new URL(server.url).port,
        protocol: 'http',
        telemetry: false,
        maxNetworkRetries: 0,
      })
    const first = await start()
    const answered: string[] = []
    const paying = (async () => {
      for (let count = 0; count < 500; count += 1) answered.push((await pay(sdk(first), `p${count}`)).id)
    })().catch((error: unknown) => error)
    await until(() => answered.length >= 20)
    await first.kill()
    await paying

    const second = await start()
    const kept: string[] = []
    for await (const intent of sdk(second).paymentIntents.list({ limit: 100 })) kept.push(intent.id)
    const replayed = await pay(sdk(second), 'p0')
    await second.kill()

    expect(second.key).toBe(first.key)
    expect(kept).toStrictEqual(expect.arrayContaining(answered))
    expect(kept.length - answered.length).toBeLessThanOrEqual(1)
    expect(replayed.id).toBe(answered[0])
  })

  test('the same seed and the same calls give the same ids; reset keeps the keys', async () => {
    const run = async (): Promise<string[]> => {
      const one = await startBench({ seed: 'same' })
      const intent = await pay(one.sdk('Harbour'), 'k')
      const events = await one.sdk('Harbour').events.list()
      await one.close()
      return [
        one.keys('Harbour').secret,
        intent.id,
        intent.client_secret ?? '',
        ...events.data.map((event) => event.id),
      ]
    }
    const third = await open()
    const key = third.keys('Harbour').secret
    await pay(third.sdk('Harbour'), 'k')
    await third.control('POST', '/reset')

    expect(await run()).toStrictEqual(await run())
    expect((await third.sdk('Harbour').paymentIntents.list()).data).toStrictEqual([])
    const fourth = await open()
    expect(fourth.keys('Harbour').secret).toBe(key)
    expect((await fourth.sdk('Harbour').paymentIntents.list()).data).toStrictEqual([])
  })
})
