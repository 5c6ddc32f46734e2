/**
 * The deliveries of `webhook` and `settle`: events as Stripe prints them (two spaces), 4.0 KB each, the same for the same seed. Ids come
 * from the number of the event, so that any process can tell what has to be stored without being told (PERF-40).
 */
import { createHmac } from 'node:crypto'

export interface EventsWish {
  readonly kind: 'mixed' | 'same-second' | 'settle'
  /** Different events; duplicates come on top. */
  readonly n: number
  readonly accounts: number
  readonly duplicates: boolean
  readonly isShuffled: boolean
  readonly seed: number
}

export interface BenchEvent {
  readonly id: string
  readonly type: string
  readonly body: string
}

const bodyBytes = 4096
const duplicateShare = 0.05
const windowEvents = 1_000

/** 40 % payments, 20 % invoices, 10 % each of four more (PERF-40). */
const mix = [
  'payment_intent.succeeded',
  'payment_intent.succeeded',
  'payment_intent.succeeded',
  'payment_intent.succeeded',
  'invoice.payment_succeeded',
  'invoice.payment_succeeded',
  'charge.succeeded',
  'charge.updated',
  'refund.created',
  'charge.refunded',
] as const

/** The four events of one payment that succeeds. */
const paymentLife = [
  'payment_intent.processing',
  'payment_intent.succeeded',
  'charge.succeeded',
  'charge.updated',
] as const

export function accountId(index: number): string {
  return `acct_1Bench${String(index).padStart(10, '0')}`
}

export function intentId(index: number): string {
  return `pi_3Bench${String(index).padStart(14, '0')}`
}

export function chargeId(index: number): string {
  return `ch_3Bench${String(index).padStart(14, '0')}`
}

export function makeEvents(wish: EventsWish): readonly BenchEvent[] {
  const random = makeRandom(wish.seed)
  const events = Array.from({ length: wish.n }, (_, index) => makeEvent(wish, index))
  if (!wish.duplicates && !wish.isShuffled) return events
  const repeated = wish.duplicates ? events.filter(() => random() < duplicateShare) : []
  const all = [...events, ...repeated]
  if (!wish.isShuffled) return all
  return wish.kind === 'settle' ? shuffleWindows(all, random) : shuffle(all, random)
}

/**
 * Random order among the payments of the same moment: those of a window arrive together, within about a second. A duplicate comes with
 * its original.
 */
function shuffleWindows(events: readonly BenchEvent[], random: () => number): readonly BenchEvent[] {
  const windows = new Map<number, BenchEvent[]>()
  for (const event of events) {
    const window = Math.floor(Number(event.id.slice(-14)) / windowEvents)
    const known = windows.get(window)
    if (known) known.push(event)
    else windows.set(window, [event])
  }
  return [...windows.values()].flatMap((window) => shuffle(window, random))
}

function makeEvent(wish: EventsWish, index: number): BenchEvent {
  const created = 1_760_000_000 + wish.seed
  if (wish.kind === 'mixed') {
    const type = mix[index % mix.length] ?? mix[0]
    return printEvent({
      type,
      index,
      subject: index,
      account: (index + Math.floor(index / 10)) % wish.accounts,
      created,
    })
  }
  const perSubject = wish.kind === 'settle' ? paymentLife.length : 2
  const subject = Math.floor(index / perSubject)
  const type = paymentLife[index % perSubject] ?? paymentLife[0]
  return printEvent({ type, index, subject, account: subject % wish.accounts, created: created + (subject % 7) })
}

interface Details {
  readonly type: string
  readonly index: number
  /** The number of the payment it is about. */
  readonly subject: number
  readonly account: number
  readonly created: number
}

function printEvent(details: Details): BenchEvent {
  const { type, index, account, created } = details
  const id = `evt_3Bench${String(index).padStart(14, '0')}`
  const object = { ...objectOf(details), metadata: {} as Record<string, string> }
  const event = {
    id,
    object: 'event',
    account: accountId(account),
    api_version: '2026-06-30.basil',
    created,
    data: { object },
    livemode: false,
    pending_webhooks: 1,
    request: { id: `req_Bench${index}`, idempotency_key: `bench-${index}` },
    type,
  }
  // What people write beside an object is what differs in size between two events of a kind.
  for (let place = 0; ; place += 1) {
    const missing = bodyBytes - Buffer.byteLength(JSON.stringify(event, null, 2)) - 40
    if (missing <= 0) break
    object.metadata[`note_${String(place).padStart(2, '0')}`] = 'Unit and lease of this payment. '
      .repeat(14)
      .slice(0, Math.min(missing, 440))
  }
  return { id, type, body: JSON.stringify(event, null, 2) }
}

function objectOf({ type, subject, created }: Details): Record<string, unknown> {
  const shared = { created, currency: 'aud', livemode: false, customer: `cus_Bench${subject}` }
  const [kind, happened] = [type.slice(0, type.indexOf('.')), type.slice(type.indexOf('.') + 1)]
  if (kind === 'payment_intent') return intentOf(subject, { shared, status: happened })
  if (kind === 'invoice') return invoiceOf(subject, shared)
  if (kind === 'refund') return refundOf(subject, shared)
  return chargeOf(subject, { shared, isRefunded: happened === 'refunded' })
}

type Shared = Readonly<Record<string, unknown>>

export const amountMinor = 12_345
export const feeMinor = 388

export function intentOf(
  subject: number,
  { shared, status }: { shared: Shared; status: string },
): Record<string, unknown> {
  return {
    id: intentId(subject),
    object: 'payment_intent',
    amount: amountMinor,
    amount_capturable: 0,
    amount_details: { tip: {} },
    amount_received: status === 'succeeded' ? amountMinor : 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: { allow_redirects: 'never', enabled: true },
    canceled_at: null,
    cancellation_reason: null,
    capture_method: 'automatic',
    client_secret: `${intentId(subject)}_secret_BenchBenchBenchBench00000`,
    confirmation_method: 'automatic',
    ...shared,
    description: 'Rent',
    last_payment_error: null,
    latest_charge: chargeId(subject),
    next_action: null,
    on_behalf_of: null,
    payment_method: `pm_1Bench${subject}`,
    payment_method_options: {
      card: { installments: null, mandate_options: null, request_three_d_secure: 'automatic' },
    },
    payment_method_types: ['card'],
    processing: null,
    receipt_email: null,
    review: null,
    setup_future_usage: null,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status,
    transfer_data: null,
    transfer_group: null,
  }
}

function chargeOf(
  subject: number,
  { shared, isRefunded }: { shared: Shared; isRefunded: boolean },
): Record<string, unknown> {
  return {
    id: chargeId(subject),
    object: 'charge',
    amount: amountMinor,
    amount_captured: amountMinor,
    amount_refunded: isRefunded ? amountMinor : 0,
    balance_transaction: `txn_3Bench${subject}`,
    billing_details: { address: { city: null, country: null, postal_code: null }, email: null, name: null },
    calculated_statement_descriptor: 'RENT',
    captured: true,
    ...shared,
    disputed: false,
    failure_code: null,
    fraud_details: {},
    outcome: { network_status: 'approved_by_network', risk_level: 'normal', risk_score: 12, type: 'authorized' },
    paid: true,
    payment_intent: intentId(subject),
    payment_method: `pm_1Bench${subject}`,
    payment_method_details: { card: { brand: 'visa', country: 'AU', last4: '4242', network: 'visa' }, type: 'card' },
    receipt_url: 'https://pay.stripe.com/receipts/bench',
    refunded: isRefunded,
    status: 'succeeded',
  }
}

function invoiceOf(subject: number, shared: Shared): Record<string, unknown> {
  const line = { id: `il_1Bench${subject}`, object: 'line_item', amount: amountMinor, currency: 'aud', quantity: 1 }
  return {
    id: `in_1Bench${subject}`,
    object: 'invoice',
    account_country: 'AU',
    account_name: 'Bench Desks',
    amount_due: amountMinor,
    amount_paid: amountMinor,
    amount_remaining: 0,
    attempt_count: 1,
    attempted: true,
    auto_advance: false,
    billing_reason: 'manual',
    collection_method: 'charge_automatically',
    ...shared,
    lines: { object: 'list', data: [line], has_more: false, total_count: 1 },
    number: `B-${subject}`,
    paid: true,
    period_end: 1_760_000_000,
    period_start: 1_757_000_000,
    status: 'paid',
    subtotal: amountMinor,
    total: amountMinor,
  }
}

function refundOf(subject: number, shared: Shared): Record<string, unknown> {
  const { customer: _none, livemode: _neither, ...rest } = shared
  return {
    id: `re_3Bench${String(subject).padStart(14, '0')}`,
    object: 'refund',
    amount: amountMinor,
    balance_transaction: `txn_4Bench${subject}`,
    charge: chargeId(subject),
    ...rest,
    destination_details: { card: { reference: '123', reference_status: 'available', type: 'refund' }, type: 'card' },
    payment_intent: intentId(subject),
    reason: 'requested_by_customer',
    receipt_number: null,
    status: 'succeeded',
  }
}

/** The header `Stripe-Signature` for this body. */
export function signEvent(body: string, { secret, timestamp }: { secret: string; timestamp: number }): string {
  return `t=${timestamp},v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}

function shuffle<T>(values: T[], random: () => number): T[] {
  for (let place = values.length - 1; place > 0; place -= 1) {
    const other = Math.floor(random() * (place + 1))
    ;[values[place], values[other]] = [values[other] as T, values[place] as T]
  }
  return values
}

/** Mulberry32: small, and the same everywhere. */
function makeRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
