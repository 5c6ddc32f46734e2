import { expect, test } from 'vitest'
import type { Invoice } from '#billing'
import type { Connection } from '#connections'
import type { Payment } from '#payments'
import { judgeTestPayment, tellTestPayment, testAmount, type TestFacts } from './test-payment.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 2, 14, 3, seconds))

const ownKeys = { kind: 'own_keys', state: 'connected', keySealed: 'sealed', webhookLastRefusedAt: null } as Connection
const connected = { ...ownKeys, kind: 'connect', accountId: 'acct_1' } as Connection
const waiting = { state: 'processing' } as Payment
const paid = { state: 'succeeded', settledAt: at(2) } as Payment
const start: TestFacts = {
  invoice: {} as Invoice,
  payment: waiting,
  connection: ownKeys,
  standing: 'healthy',
  createdAt: at(0),
  chargedAt: undefined,
  deliveredAt: undefined,
  now: at(5),
}
const tell = (facts: Partial<TestFacts>) => tellTestPayment({ ...start, ...facts })

test('UI-130: 1.00 of the currency, or the least that Stripe charges', () => {
  expect(['AUD', 'JPY', 'KWD', 'AED'].map((currency) => testAmount(currency).amountMinor)).toEqual([
    100n,
    50n,
    1000n,
    200n,
  ])
})

test('UI-130: it is waited for 30 seconds; then the likely cause is told', () => {
  expect(tell({})).toMatchObject({ state: 'running', isOver: false })
  expect(tell({ now: at(29) }).cause).toBeUndefined()
  expect(tell({ now: at(30) })).toMatchObject({ isOver: false, cause: expect.stringMatching(/has not answered/) })
  const broken = { ...ownKeys, state: 'broken' } as Connection
  expect(tell({ now: at(30), connection: broken }).cause).toMatch(/refuses its key/)
  expect(tell({ payment: paid, now: at(29) })).toMatchObject({ state: 'paid', isOver: false })
  expect(tell({ payment: paid, deliveredAt: at(3) })).toMatchObject({ state: 'paid', isOver: true })
})

test('UI-130: a payment that a webhook settled was charged no later than that', () => {
  const chargedAt = (facts: Partial<TestFacts>) => tell({ payment: paid, ...facts }).steps[1]?.at
  expect([at(1), at(3), undefined].map((answered) => chargedAt({ chargedAt: answered }))).toEqual([at(1), at(2), at(2)])
})

test('UI-130: what was not delivered has its own causes', () => {
  const late = (facts: Partial<TestFacts>) => tell({ payment: paid, now: at(30), ...facts })
  expect(late({}).cause).toMatch(/address of the webhook is reachable/)
  expect(late({ connection: { ...ownKeys, webhookLastRefusedAt: at(3) } }).cause).toMatch(/signing secret/)
  expect(late({ connection: connected }).cause).toMatch(/endpoint of this installation/)
  const endpointCheck = { missingRequired: ['payment_intent.succeeded'] } as unknown as Connection['endpointCheck']
  expect(late({ standing: 'partial', connection: { ...ownKeys, endpointCheck } }).cause).toMatch(
    /Missing: payment_intent.succeeded/,
  )
  expect(tell({ payment: paid, standing: 'disabled' }).cause).toMatch(/has this endpoint disabled/)
})

test('UI-130: a payment that failed says so at once, in the words of its decline', () => {
  const declined = { state: 'failed', failureCode: 'card_declined', declineCode: 'insufficient_funds' } as Payment
  expect(tell({ payment: declined })).toMatchObject({
    state: 'failed',
    isOver: true,
    cause: expect.stringMatching(/./),
  })
  expect(tell({ payment: { state: 'canceled' } as Payment }).cause).toMatch(/cancelled/)
})

test('UI-130: there is none in live mode, and none without a connection that charges', () => {
  expect(judgeTestPayment('test', ownKeys)).toEqual({ allowed: true })
  expect(judgeTestPayment('live', ownKeys).reason).toMatch(/^Live mode moves real money\./)
  expect(judgeTestPayment('test', undefined).reason).toMatch(/No Stripe account/)
  expect(judgeTestPayment('test', { ...ownKeys, state: 'disconnecting' }).allowed).toBe(false)
  expect(judgeTestPayment('test', { ...ownKeys, writesFrozenReason: 'Paused' }).reason).toMatch(/paused/)
})
