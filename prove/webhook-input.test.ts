/** Every row of STR-146 as bytes over HTTP, and a sample of what `npm run prove -- G6` sends. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { pasteWebhookSecret } from '#connections'
import { listInboxEvents } from '#inbox'
import { inScope, newToken } from '#platform'
import { eachDatabase } from '#test/databases'
import { makeConnection, type TestConnection } from '#test/inbox'
import { startServer } from '#web/api'
import { createReceiver } from '#webhooks'
import { createMetrics } from '../src/web/api/observe.ts'
import { stripeWebhookListener } from '../src/web/api/stripe-webhook.ts'
import { requestOf, sharedPath, sign, type Target } from './good.ts'
import { flood } from './webhook-input.ts'
import { openWire, type Wire } from './wire.ts'

eachDatabase('hostile deliveries over HTTP', {}, (ground) => {
  let server: Awaited<ReturnType<typeof startServer>>
  let wire: Wire
  let connection: TestConnection
  let other: TestConnection
  const installation = { platform: `whsec_${newToken()}`, connect: `whsec_${newToken()}` }

  beforeAll(async () => {
    const { database, box, logs, clock } = ground()
    const receiver = createReceiver({ database, box, logs, installation, onKept: () => {} })
    const raw = stripeWebhookListener({
      receiver,
      logs,
      clock,
      metrics: createMetrics(),
      publicUrl: 'https://rentroll.test',
    })
    const fetch = () => new Response(null, { status: 404 })
    server = await startServer({ host: '127.0.0.1', port: 0, answering: () => ({ fetch, raw }) })
    wire = openWire(server.port)
    connection = await makeConnection(ground())
    other = await makeConnection(ground(), { isShared: true })
  })

  afterAll(async () => {
    wire.close()
    await server.stop()
  })

  afterEach(() => ground().clock.flow())

  const ownPath = ({ endpointToken }: TestConnection) => `${sharedPath}/${endpointToken}`
  const nowSeconds = () => Math.floor(ground().clock.now().getTime() / 1000)
  let count = 0
  const event = () =>
    Buffer.from(
      `{\n  "id": "evt_row${(count += 1)}", "object": "event", "type": "invoice.paid", "livemode": false,\n  "data": {"object": {"id": "in_1", "object": "invoice", "name": "Zoë"}}\n}`,
    )
  type Wish = {
    readonly headers?: readonly string[]
    readonly body?: Uint8Array
    readonly path?: string
  }
  const send = async ({ headers = [], body = event(), path = ownPath(connection) }: Wish) => {
    const { statuses, texts } = await wire.send({ bytes: requestOf(path, headers, body) })
    return `${statuses.join(' ')} ${texts.join(' ')}`
  }
  const kept = async (scope = connection.scope) =>
    (await listInboxEvents(ground().database, scope, { limit: 200 })).events
  const [good, bad] = ['200 ok', '400 invalid signature']

  /** The header for this body, after the one change of its row. */
  type Row = (about: {
    t: number
    v1: string
    body: Buffer
    key: (secret: string, t?: number | string) => string
  }) => string

  const headers: readonly (readonly [string, string, Row])[] = [
    ['an empty header', bad, () => ''],
    ['t only', bad, ({ t }) => `t=${t}`],
    ['v0 only', bad, ({ t, v1 }) => `t=${t},v0=${v1}`],
    ['v1 alone', bad, ({ v1 }) => `v1=${v1}`],
    ['an empty v1 alone', bad, ({ t }) => `t=${t},v1=`],
    ['64 characters that are not ASCII', bad, ({ t }) => `t=${t},v1=${'\xe9'.repeat(64)}`],
    ['upper-case hex', bad, ({ t, v1 }) => `t=${t},v1=${v1.toUpperCase()}`],
    ['a space after the comma', bad, ({ t, v1 }) => `t=${t}, v1=${v1}`],
    ['two t', bad, ({ t, v1 }) => `t=${t},t=${t},v1=${v1}`],
    ['t=abc', bad, ({ key }) => `t=abc,v1=${key(connection.secret, 'abc')}`],
    ['t=-1', bad, ({ key }) => `t=-1,v1=${key(connection.secret, '-1')}`],
    ['13 digits', bad, ({ t, key }) => `t=000${t},v1=${key(connection.secret, `000${t}`)}`],
    ['a header of 5 kB', bad, ({ t, v1 }) => `t=${t},v1=${v1},v0=${'a'.repeat(5_000)}`],
    ['an empty v1 beside a good one', good, ({ t, v1 }) => `t=${t},v1=,v1=${v1}`],
    ['a malformed v1 beside a good one', good, ({ t, v1 }) => `t=${t},v1=${v1.slice(1)},v1=${v1}`],
    ['two v1, one good', good, ({ t, v1 }) => `t=${t},v1=${'0'.repeat(64)},v1=${v1}`],
    ['eight v1, the last one good', good, ({ t, v1 }) => `t=${t}${`,v1=${'0'.repeat(64)}`.repeat(7)},v1=${v1}`],
    ['the good one at place 9', bad, ({ t, v1 }) => `t=${t}${`,v1=${'0'.repeat(64)}`.repeat(8)},v1=${v1}`],
    ['300 seconds old', good, ({ t, key }) => `t=${t - 300},v1=${key(connection.secret, t - 300)}`],
    ['301 seconds old', bad, ({ t, key }) => `t=${t - 301},v1=${key(connection.secret, t - 301)}`],
    ['300 seconds ahead', good, ({ t, key }) => `t=${t + 300},v1=${key(connection.secret, t + 300)}`],
    ['301 seconds ahead', bad, ({ t, key }) => `t=${t + 301},v1=${key(connection.secret, t + 301)}`],
    ['a year ahead', bad, ({ t, key }) => `t=${t + 31_536_000},v1=${key(connection.secret, t + 31_536_000)}`],
    ['signed with nothing', bad, ({ t, key }) => `t=${t},v1=${key('')}`],
    ['signed with whsec_', bad, ({ t, key }) => `t=${t},v1=${key('whsec_')}`],
    ['signed without whsec_', bad, ({ t, key }) => `t=${t},v1=${key(connection.secret.slice(6))}`],
    ['signed with the secret and a line end', bad, ({ t, key }) => `t=${t},v1=${key(`${connection.secret}\n`)}`],
    ['signed with another endpoint’s secret', bad, ({ t, key }) => `t=${t},v1=${key(other.secret)}`],
    ['signed with the secret of the platform', bad, ({ t, key }) => `t=${t},v1=${key(installation.platform)}`],
  ]

  test.each(headers)('STR-146: %s is %s', async (_name, answer, header) => {
    ground().clock.standAt(ground().clock.now())
    const before = await kept()
    const [body, t] = [event(), nowSeconds()]
    const key = (secret: string, at: number | string = t) => sign(secret, at, body)
    const text = header({ t, body, key, v1: key(connection.secret) })

    expect(await send({ headers: [`Stripe-Signature: ${text}`], body })).toBe(answer)
    expect(await kept()).toHaveLength(before.length + (answer === good ? 1 : 0))
  })

  test('STR-146: no header at all is 400', async () => {
    expect(await send({})).toBe(bad)
  })

  describe('STR-146: a body that is not the one that was signed is 400', () => {
    const changes: readonly (readonly [string, (body: Buffer) => Uint8Array])[] = [
      ['one byte changed', (body) => Buffer.from(body.toString().replace('invoice.paid', 'invoice.paie'))],
      ['a byte-order mark added after signing', (body) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), body])],
      ['serialised anew', (body) => Buffer.from(JSON.stringify(JSON.parse(body.toString())))],
    ]
    test.each(changes)('%s', async (_name, change) => {
      const [body, t] = [event(), nowSeconds()]
      const signature = [`Stripe-Signature: t=${t},v1=${sign(connection.secret, t, body)}`]
      expect(await send({ headers: signature, body: change(body) })).toBe(bad)
      expect(await send({ headers: signature, body })).toBe(good)
    })
  })

  test('STR-146: at the shared address each secret is accepted and its own endpoint remembered', async () => {
    const t = nowSeconds()
    for (const secret of [installation.platform, installation.connect, other.secret]) {
      const body = event()
      const signature = [`Stripe-Signature: t=${t},v1=${sign(secret, t, body)}`]
      expect(await send({ headers: signature, body, path: sharedPath })).toBe(good)
    }
    expect(await kept(other.scope)).toHaveLength(1)
  })

  test.each(['null', '[]', '7', '{}', '{"id":"evt_1"', '['.repeat(40) + ']'.repeat(40)])(
    'STR-146: the signed body %s is 200 and a dead letter',
    async (text) => {
      const [body, t] = [Buffer.from(text), nowSeconds()]
      const signature = [`Stripe-Signature: t=${t},v1=${sign(connection.secret, t, body)}`]
      expect(await send({ headers: signature, body })).toBe(good)
      expect((await kept())[0]).toMatchObject({ state: 'dead', type: 'unreadable' })
    },
  )

  test('STR-146: the old secret is 200 at 23:59:59 after the rotation and 400 at 24:00:00', async () => {
    const { clock, database, box } = ground()
    const rotated = await makeConnection(ground())
    clock.standAt(clock.now())
    const pastedAt = clock.now().getTime()
    await inScope(database, rotated.scope, (rows) =>
      pasteWebhookSecret(rows, box, { webhookSecret: `whsec_${newToken()}`, actor: 'test' }),
    )
    const sendOld = async (afterMs: number) => {
      clock.standAt(new Date(pastedAt + afterMs))
      const [body, t] = [event(), nowSeconds()]
      const signature = [`Stripe-Signature: t=${t},v1=${sign(rotated.secret, t, body)}`]
      return send({ headers: signature, body, path: ownPath(rotated) })
    }
    const day = 24 * 3_600_000
    expect(await sendOld(day - 1_000)).toBe(good)
    expect(await sendOld(day)).toBe(bad)
  })

  test('TRU-6, G6: of 800 hostile requests none is accepted, and every genuine one between them is kept', async () => {
    const target: Target = {
      ownPath: ownPath(connection),
      secrets: { ...installation, own: connection.secret },
      now: nowSeconds,
      run: 'sample',
    }
    const tally = await flood({ port: server.port, target, n: 800, seed: 6 })

    expect(tally.breaches).toEqual([])
    expect(tally.hostile).toBe(800)
    expect(tally.accepted.size).toBeGreaterThan(10)
    expect(tally.byKind.size).toBeGreaterThan(25)
  })
})
