/**
 * Deliveries that should never count, at the address of an operator who uses the product (TRU-6, STR-51, STR-54, STR-63): wrong secret,
 * altered body, stale or future signature, replays, and events about somebody else's things. The answer is always the same three words;
 * what is wrong is said to the person on the console, never to the caller.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { eachProduct, eventually, expectBooksToHold, type Product, type Session } from '#test/product'
import { operatorIdOf, readFingerprints } from './fingerprints.ts'
import {
  cardOnFile,
  checkOut,
  connectStripe,
  furnish,
  invoiceOf,
  labelled,
  sandboxKeys,
  saveCard,
  signUp,
} from './walk.ts'

type Signing = { readonly secret?: string; readonly ageSeconds?: number; readonly header?: string }

const isAtRest = new Set([
  'done',
  'dead',
  'quarantined',
  'parked',
  'ignored_mode',
  'ignored_foreign',
  'ignored_unhandled',
])

eachProduct('wrong deliveries', (product) => {
  let session: Session
  let operatorId: string
  let url: string
  let invoiceId: string
  let paid: any
  const secret = `whsec_${randomBytes(24).toString('hex')}`

  beforeAll(async () => {
    session = await signUp(product())
    await connectStripe(session, product())
    const set = await furnish(session)
    await saveCard(session, product(), set.renterId)
    await cardOnFile(session, set.renterId)
    invoiceId = (await checkOut(session, set)).invoiceId
    paid = await labelled(session, invoiceId, 'Paid')
    const { connection } = await session.good('PUT', '/connections/stripe/webhook-secret', { webhookSecret: secret })
    url = connection.webhook.addresses.own
    operatorId = await operatorIdOf(product(), session)
    await atRest()
  })

  const atRest = () =>
    eventually(
      () => session.good('GET', '/webhooks/events?limit=100'),
      ({ rows }) =>
        rows.every(({ state, attempts }: any) => isAtRest.has(state) || (state === 'retry' && attempts > 0)),
    )

  function signatureOf(body: string, { secret: by = secret, ageSeconds = 0 }: Signing): string {
    const at = Math.floor(product().clock.now().getTime() / 1000) - ageSeconds
    return `t=${at},v1=${createHmac('sha256', by).update(`${at}.${body}`).digest('hex')}`
  }

  async function deliver(body: string, signing: Signing = {}, to = url): Promise<string> {
    const headers = { 'Stripe-Signature': signing.header ?? signatureOf(body, signing) }
    const reply = await fetch(to, { method: 'POST', headers, body })
    return `${reply.status} ${await reply.text()}`
  }

  const refused = '400 invalid signature'
  const eventOf = (type: string) => findEvent(product(), { type, about: paid.payments[0].stripeIds })

  test('STR-54 TRU-126: a delivery signed with another secret is refused, changes nothing, and the console says so', async () => {
    const before = await session.good('GET', '/connections/stripe')
    expect(before.webhook.state).toBe('healthy')
    expect(before.badges.map(({ label }: any) => label)).toEqual(['Connected'])
    const body = await eventOf('payment_intent.succeeded')
    product().clock.advance(5_000)

    expect(await deliver(body, { secret: `whsec_${'0'.repeat(48)}` })).toBe(refused)

    const after = await eventually(
      () => session.good('GET', '/connections/stripe'),
      ({ webhook }) => webhook.lastRefusedAt !== undefined,
    )
    expect(after.badges).toEqual([
      { tone: 'green', label: 'Connected', sentence: '' },
      {
        tone: 'red',
        label: 'Deliveries refused',
        sentence:
          'Deliveries arrive, but the signature does not match. Paste the secret of this endpoint below, or create the endpoint anew. Payments settle by polling until then.',
      },
    ])
    const { rows } = await session.good('POST', '/connections/stripe/test')
    expect(rows.find(({ row }: any) => row === 'last_delivery')).toMatchObject({
      state: 'fail',
      text: 'Deliveries arrive but the signature does not match.',
      remedy: 'paste_secret',
    })
    product().clock.advance(5_000)
    expect(await deliver(body)).toBe('200 ok')
    const mended = await eventually(
      () => session.good('GET', '/connections/stripe'),
      ({ badges }) => badges.length === 1,
    )
    expect(mended.webhook.state).toBe('healthy')
  })

  test('STR-146: every hostile form of a delivery gets the same three words and changes nothing', async () => {
    const body = await eventOf('payment_intent.succeeded')
    // A second that passes between signing and reading would be another age.
    const { clock } = product()
    clock.standAt(clock.now())
    const good = signatureOf(body, {})
    const [t = '', v1 = ''] = good.split(',')
    const hostile: readonly (readonly [string, string, Signing])[] = [
      ['one byte changed', body.replace('succeeded', 'succeedee'), { header: good }],
      ['another amount', body.replace(/"amount":\d+/, '"amount":1'), { header: good }],
      ['the same JSON written anew', JSON.stringify(JSON.parse(body), null, 1), { header: good }],
      ['a mark before the text', `\uFEFF${body}`, { header: good }],
      ['an empty body', '', { header: good }],
      ['stale by 301 seconds', body, { ageSeconds: 301 }],
      ['301 seconds in the future', body, { ageSeconds: -301 }],
      ['a year in the future', body, { ageSeconds: -31_536_000 }],
      ['the empty secret', body, { secret: '' }],
      ['the beginning of every secret', body, { secret: 'whsec_' }],
      ['the secret without its beginning', body, { secret: secret.slice(6) }],
      ['the secret with a line end', body, { secret: `${secret}\n` }],
      ['the word undefined', body, { secret: 'undefined' }],
      ['capital letters', body, { header: `${t},${v1.toUpperCase().replace('V1', 'v1')}` }],
      ['the old scheme', body, { header: `${t},${v1.replace('v1', 'v0')}` }],
      ['a space after the comma', body, { header: `${t}, ${v1}` }],
      ['two times', body, { header: `${t},${t},${v1}` }],
      ['no time', body, { header: v1 }],
      ['no signature', body, { header: t }],
      ['rubbish', body, { header: 'a'.repeat(5_000) }],
    ]
    await expectUnchangedButNotes(async () => {
      for (const [what, text, signing] of hostile) expect(await deliver(text, signing), what).toBe(refused)
      const bare = await fetch(url, { method: 'POST', body })
      expect(`${bare.status} ${await bare.text()}`).toBe(refused)
      expect(await deliver(body, {}, url.replace(/[^/]+$/, 'x'.repeat(43)))).toBe(refused)
    })
    for (const ageSeconds of [300, -300]) expect(await deliver(body, { ageSeconds }), String(ageSeconds)).toBe('200 ok')
    clock.flow()
  })

  test('STR-113 STR-115: the event of a paid payment, a hundred times more and then late news of failing: one payment, still Paid', async () => {
    const body = await eventOf('payment_intent.succeeded')
    const replies = await Promise.all(Array.from({ length: 100 }, () => deliver(body)))
    expect(new Set(replies)).toEqual(new Set(['200 ok']))
    for (const type of ['payment_intent.payment_failed', 'payment_intent.canceled', 'payment_intent.processing']) {
      const late = JSON.stringify({ ...JSON.parse(body), id: `evt_late${type.length}`, type })
      expect(await deliver(late), type).toBe('200 ok')
    }
    await atRest()
    const after = await invoiceOf(session, invoiceId)
    expect(after).toMatchObject({ label: { text: 'Paid' }, payments: [{ state: 'succeeded' }] })
    expect(after.payments).toHaveLength(1)
    await expectBooksToHold(product(), { operatorId, mode: 'test' })
  })

  test('STR-66 TRU-9: a well-signed event that lies about amount, owner or object moves no money', async () => {
    const body = await eventOf('payment_intent.succeeded')
    const event = JSON.parse(body)
    const stranger = await signUp(product())
    const manual = await furnish(session, { manual: true })
    const open = (await checkOut(session, manual)).invoiceId
    const before = await invoiceOf(session, open)
    const lies: Readonly<Record<string, object>> = {
      amount: { amount: 1, amount_received: 1 },
      currency: { currency: 'jpy' },
      // Our own open invoice named as paid by an intent that Stripe does not know.
      unknown: { id: 'pi_0000unknown', metadata: { ...event.data.object.metadata, rentroll_invoice: open } },
      owner: {
        metadata: { ...event.data.object.metadata, rentroll_operator: await operatorIdOf(product(), stranger) },
      },
      nothing: { metadata: {} },
    }
    for (const [what, lie] of Object.entries(lies)) {
      const object = { ...event.data.object, ...lie }
      expect(await deliver(JSON.stringify({ ...event, id: `evt_lie${what}`, data: { object } })), what).toBe('200 ok')
    }
    expect(await deliver(JSON.stringify({ ...event, id: 'evt_othermode', livemode: true }))).toBe('200 ok')
    for (const text of ['null', '[]', '7', '{}', '{"object":"event"', `${'['.repeat(40)}${']'.repeat(40)}`])
      expect(await deliver(text), text).toBe('200 ok')
    await atRest()
    expect(await invoiceOf(session, open)).toEqual(before)
    expect(await invoiceOf(session, invoiceId)).toMatchObject({
      label: { text: 'Paid' },
      balance: { amountMinor: '0' },
    })
    const { rows } = await session.good('GET', '/webhooks/events?limit=100')
    const rowOf = (eventId: string) => rows.find((row: any) => row.eventId === eventId)
    expect(rowOf('evt_lieowner')).toMatchObject({
      state: 'quarantined',
      reason: 'Its metadata names another workspace than the one whose endpoint it came to. Nothing was changed.',
    })
    expect(rowOf('evt_lieunknown')).toMatchObject({
      state: 'retry',
      reason: 'Stripe does not know the payment intent pi_0000unknown in this account.',
    })
    expect(rowOf('evt_othermode')).toMatchObject({ state: 'ignored_mode' })
    expect(rows.filter(({ state }: any) => state === 'dead').length).toBeGreaterThanOrEqual(6)
    await expectBooksToHold(product(), { operatorId, mode: 'test' })
  })

  test('STR-63: a right signature at the address of another operator is a wrong one', async () => {
    const other = await signUp(product())
    await connectStripe(other, product(), { account: 'Keystone Storage' })
    const { webhook } = await other.good('GET', '/connections/stripe')
    const body = await eventOf('payment_intent.succeeded')
    await expectUnchangedButNotes(async () => expect(await deliver(body, {}, webhook.addresses.own)).toBe(refused))
    expect((await other.good('GET', '/webhooks/events')).rows).toEqual([])
  })

  /** The connection notes when it last refused something; nothing else may change. */
  async function expectUnchangedButNotes<Result>(deed: () => Promise<Result>): Promise<Result> {
    const rowsOf = () => readFingerprints(product(), operatorId)
    const { 'connections test': _before, ...before } = await rowsOf()
    const result = await deed()
    const { 'connections test': _after, ...after } = await rowsOf()
    expect(after).toEqual(before)
    return result
  }
})

/** What Stripe sent about one of these objects, byte for byte. */
async function findEvent(product: Product, wish: { type: string; about: readonly string[] }): Promise<string> {
  const { secretKey } = sandboxKeys(product)
  const reply = await fetch(`${product.sandbox.url}/v1/events?limit=100&type=${wish.type}`, {
    headers: { Authorization: `Bearer ${secretKey}` },
  })
  const { data } = (await reply.json()) as { data: { data: { object: { id: string } } }[] }
  const event = data.find((one) => wish.about.includes(one.data.object.id))
  if (!event) throw new Error(`no ${wish.type} about ${wish.about.join()}`)
  return JSON.stringify(event)
}
