import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { connectEndpointEvents, platformEndpointEvents, requiredEvents } from '#stripe'
import { judgeArrival, sourceAccountOf, type Signer } from './arrival.ts'
import { parseEvent } from './parse-event.ts'
import { routes } from './routes.ts'

const signer: Signer = {
  operatorId: '0198c1d2-0000-7000-8000-000000000001',
  mode: 'test',
  connectionId: '0198c1d2-0000-7000-8000-000000000002',
  accountId: 'acct_1Own',
}

const bytes = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))

const snapshot = (changes: Record<string, unknown> = {}, sent: Record<string, unknown> = {}) => ({
  id: 'evt_1',
  object: 'event',
  type: 'payment_intent.succeeded',
  livemode: false,
  api_version: '2026-10-28.endive',
  data: { object: { id: 'pi_1', object: 'payment_intent', ...sent } },
  ...changes,
})

const judge = (value: unknown, changes: Partial<Signer> = {}) =>
  judgeArrival(parseEvent(bytes(value)), { ...signer, ...changes })
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`

describe('STR-55: verified bodies nobody can read rest as dead letters', () => {
  const unreadable: readonly (readonly [string, unknown])[] = [
    ['null', 'null'],
    ['[]', '[]'],
    ['7', '7'],
    ['a text', '"evt_1"'],
    ['{}', '{}'],
    ['an empty body', ''],
    ['cut JSON', JSON.stringify(snapshot()).slice(0, -3)],
    ['a byte-order mark in front', `\uFEFF${JSON.stringify(snapshot())}`],
    [
      '40 levels',
      `{"id":"evt_1","object":"event","type":"x","livemode":false,"data":{"object":{"object":"y","deep":${nested(40)}}}}`,
    ],
    ['half a million levels', nested(500_000)],
    ['another object', snapshot({ object: 'charge' })],
    ['an id that is none', snapshot({ id: 'pi_1' })],
    ['an id of 10 kB', snapshot({ id: `evt_${'a'.repeat(10_000)}` })],
    ['a type with a zero byte', snapshot({ type: 'a\u0000b' })],
    ['a type that is no text', snapshot({ type: 7 })],
    ['no livemode', snapshot({ livemode: undefined })],
    ['no data', snapshot({ data: undefined })],
    ['data without an object', snapshot({ data: {} })],
    ['an object without a kind', snapshot({ data: { object: { id: 'pi_1' } } })],
    ['a thin event without an object', { id: 'evt_1', object: 'v2.core.event', type: 'v2.core.account.updated' }],
  ]

  test.each(unreadable)('%s', (_name, value) => {
    expect(judge(value)).toMatchObject({ state: 'dead', reason: expect.stringMatching(/^Unreadable: /) })
  })

  test('bytes that are not UTF-8', () => {
    expect(parseEvent(Buffer.from([0x7b, 0xff, 0x7d]))).toBeUndefined()
  })

  test('32 levels are still read', () => {
    const deep = snapshot({}, { deep: JSON.parse(nested(29)) })
    expect(judge(deep).state).toBe('received')
    expect(judge(snapshot({}, { deep: JSON.parse(nested(30)) })).state).toBe('dead')
  })

  test('no JSON at all makes it throw, or lets anything unprintable near a column', () => {
    const event = fc.record({
      id: fc.oneof(fc.constant('evt_1'), fc.string({ unit: 'binary' })),
      object: fc.constantFrom('event', 'v2.core.event'),
      type: fc.oneof(fc.constantFrom(...requiredEvents, '__proto__', 'constructor'), fc.string({ unit: 'binary' })),
      livemode: fc.boolean(),
      account: fc.oneof(fc.constant(undefined), fc.string({ unit: 'binary' })),
      data: fc.record({
        object: fc.oneof(
          fc.dictionary(fc.string(), fc.jsonValue()),
          fc.record({ object: fc.string({ unit: 'binary' }), id: fc.jsonValue() }),
        ),
      }),
      related_object: fc.jsonValue(),
    })
    fc.assert(
      fc.property(fc.oneof(event, fc.jsonValue()), (value) => {
        const parsed = parseEvent(bytes(JSON.stringify(value)))
        const { objectKind, objectId } = judgeArrival(parsed, signer)
        for (const word of [
          objectKind,
          objectId,
          parsed?.type ?? '',
          parsed?.eventId ?? '',
          parsed?.apiVersion ?? '',
        ]) {
          expect(word).toMatch(/^[\x21-\x7e]{0,255}$/)
        }
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('whose and what an event is', () => {
  test('STR-69: an event of the other mode rests, whatever it is about', () => {
    expect(judge(snapshot({ livemode: true })).state).toBe('ignored_mode')
    expect(judge(snapshot(), { mode: 'live' }).state).toBe('ignored_mode')
    expect(judge(snapshot({ livemode: true }), { mode: 'live' }).state).toBe('received')
  })

  test('STR-63: metadata naming another operator is quarantined, naming ours or nobody is not', () => {
    const named = (operator: unknown) => judge(snapshot({}, { metadata: { rentroll_operator: operator } })).state
    expect(named('0198c1d2-0000-7000-8000-00000000ffff')).toBe('quarantined')
    expect(named({ nested: true })).toBe('quarantined')
    expect(named(signer.operatorId)).toBe('received')
    expect(judge(snapshot({}, { metadata: null })).state).toBe('received')
  })

  test('an account the signer does not speak for is foreign, and its event stays under the connection', () => {
    const event = snapshot({ account: 'acct_1Other' })
    expect(judge(event).state).toBe('ignored_foreign')
    expect(sourceAccountOf(parseEvent(bytes(event)), signer)).toBe(`own:${signer.connectionId}`)
  })

  test('STR-62: the account is the one of the connection, or the connection itself while that is unknown', () => {
    const own = parseEvent(bytes(snapshot({ account: 'acct_1Own' })))
    expect(sourceAccountOf(own, signer)).toBe('acct_1Own')
    expect(sourceAccountOf(parseEvent(bytes(snapshot())), signer)).toBe('acct_1Own')
    expect(sourceAccountOf(undefined, signer)).toBe('acct_1Own')
    expect(sourceAccountOf(own, { ...signer, accountId: undefined })).toBe(`own:${signer.connectionId}`)
  })
})

describe('STR-45, STR-147: where each type leads', () => {
  const typed = (type: string, sent: Record<string, unknown>) => {
    const { state, reason, objectKind, objectId } = judge(snapshot({ type, data: { object: sent } }))
    return state === 'received' ? `${objectKind} ${objectId}` : `${state}: ${reason}`
  }

  test('the required ten', () => {
    const sent: Record<string, Record<string, unknown>> = {
      charge: { object: 'charge', id: 'ch_1' },
      refund: { object: 'refund', id: 're_1' },
      invoice: { object: 'invoice', id: 'in_1' },
      payment_intent: { object: 'payment_intent', id: 'pi_1' },
      setup_intent: { object: 'setup_intent', id: 'seti_1' },
    }
    const kindOf = (type: string) => (type === 'charge.refund.updated' ? 'refund' : (type.split('.')[0] ?? ''))
    expect(requiredEvents.map((type) => [type, typed(type, sent[kindOf(type)] ?? {})])).toEqual([
      ['charge.refunded', 'charge ch_1'],
      ['charge.refund.updated', 'refund re_1'],
      ['invoice.payment_succeeded', 'stripe_invoice in_1'],
      ['invoice.payment_failed', 'stripe_invoice in_1'],
      ['payment_intent.succeeded', 'payment_intent pi_1'],
      ['payment_intent.payment_failed', 'payment_intent pi_1'],
      ['payment_intent.requires_action', 'payment_intent pi_1'],
      ['refund.created', 'refund re_1'],
      ['refund.updated', 'refund re_1'],
      ['setup_intent.succeeded', 'setup_intent seti_1'],
    ])
  })

  test('a session leads to the intent it made', () => {
    const session = (sent: Record<string, unknown>) =>
      typed('checkout.session.completed', { object: 'checkout.session', id: 'cs_test_1', ...sent })
    expect(session({ setup_intent: 'seti_1', payment_intent: null })).toBe('setup_intent seti_1')
    expect(session({ setup_intent: null, payment_intent: 'pi_1' })).toBe('payment_intent pi_1')
    expect(session({ setup_intent: null, payment_intent: null })).toBe('checkout_session cs_test_1')
    expect(session({ id: 'unknown', setup_intent: null, payment_intent: null })).toBe(
      'ignored_unhandled: The session took no payment and saved no method.',
    )
  })

  test('PERF-51: charge and refund events lead to the payment they belong to', () => {
    const charge = { object: 'charge', id: 'ch_1', payment_intent: 'pi_1' }
    const refund = { object: 'refund', id: 're_1', charge: 'ch_1', payment_intent: 'pi_1' }
    for (const type of ['charge.succeeded', 'charge.failed', 'charge.pending', 'charge.updated', 'charge.refunded'])
      expect(typed(type, charge)).toBe('payment_intent pi_1')
    for (const type of ['charge.refund.updated', 'refund.created', 'refund.updated', 'refund.failed'])
      expect(typed(type, refund)).toBe('payment_intent pi_1')
    expect(typed('charge.updated', { ...charge, payment_intent: null })).toBe(
      'ignored_foreign: It is about a charge made without a PaymentIntent. Rentroll makes none of those.',
    )
    expect(typed('refund.created', { ...refund, payment_intent: null })).toBe('refund re_1')
  })

  test('STR-147: what names another object leads to that one', () => {
    expect(typed('invoice_payment.paid', { object: 'invoice_payment', id: 'inpay_1', invoice: 'in_1' })).toBe(
      'stripe_invoice in_1',
    )
    expect(typed('account.external_account.deleted', { object: 'bank_account', id: 'ba_1', account: 'acct_1' })).toBe(
      'account acct_1',
    )
    expect(typed('checkout.session.expired', { object: 'checkout.session', id: 'cs_test_1' })).toBe(
      'checkout_session cs_test_1',
    )
  })

  test('STR-102: no id of another kind takes an intent’s place', () => {
    expect(typed('payment_intent.succeeded', { object: 'payment_intent', id: 'cs_test_1' })).toBe(
      'ignored_unhandled: It carries no payment intent to look at.',
    )
    expect(typed('checkout.session.completed', { object: 'checkout.session', payment_intent: 'cs_test_1' })).toMatch(
      /^ignored_unhandled/,
    )
  })

  test('an unknown type rests and says its name; names of object members are no routes', () => {
    expect(typed('radar.something.new', { object: 'radar' })).toBe(
      'ignored_unhandled: Rentroll does not use events of the type radar.something.new.',
    )
    expect(typed('constructor', { object: 'x' })).toMatch(/^ignored_unhandled: Rentroll does not use/)
  })

  test('every type an endpoint of ours is subscribed to has a route', () => {
    expect(Object.keys(routes).toSorted()).toEqual(
      [...new Set([...connectEndpointEvents, ...platformEndpointEvents])].toSorted(),
    )
  })
})
