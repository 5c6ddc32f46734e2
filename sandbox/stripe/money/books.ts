/**
 * The balance of one account in one mode: transactions and their running sums (SBX-23). `available + pending` equals the
 * net of all transactions at every instant; the sums are checked with each posting and counted anew by the health page.
 */
import type Stripe from 'stripe'
import type { BalanceSheet, Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { emit } from '../objects/event.ts'

const sheetId = 'balance'

interface Posting {
  readonly type: Stripe.BalanceTransaction['type']
  readonly reportingCategory: string
  readonly amount: number
  readonly fee: number
  /** What the fee is for, when it is not Stripe's usual one. */
  readonly feeDescription?: string
  readonly currency: string
  /** Seconds; at or before now means available at once. */
  readonly availableOn: number
  readonly source: string | null
  readonly description: string | null
}

/** Writes a transaction and moves the sums. Funds that are not available yet become so by a timer. */
export function post(space: Space, posting: Posting): Row<'balance_transaction'> {
  const { world } = space
  const id = world.ids.id('txn')
  const now = world.nowSeconds()
  const net = posting.amount - posting.fee
  const isAvailable = posting.availableOn <= now
  const feeDetails = [
    {
      amount: posting.fee,
      application: null,
      currency: posting.currency,
      description: posting.feeDescription ?? 'Stripe processing fees',
      type: 'stripe_fee',
    },
  ]
  const transaction: Stripe.BalanceTransaction = {
    id,
    object: 'balance_transaction',
    amount: posting.amount,
    available_on: posting.availableOn,
    balance_type: 'payments',
    created: now,
    currency: posting.currency,
    description: posting.description,
    exchange_rate: null,
    fee: posting.fee,
    fee_details: posting.fee === 0 ? [] : feeDetails,
    net,
    reporting_category: posting.reportingCategory,
    source: posting.source,
    status: isAvailable ? 'available' : 'pending',
    type: posting.type,
  }
  const row = space.insert('balance_transaction', id, { object: transaction, hidden: {} })
  moveSums(space, posting.currency, isAvailable ? { available: net } : { pending: net })
  if (!isAvailable) {
    const timer = { dueAt: posting.availableOn * 1000, action: 'funds.available', subject: String(posting.availableOn) }
    world.schedule(space, timer, `funds_${posting.availableOn}`)
  }
  return row
}

/** Sums per currency; both empty while nothing was ever posted. */
function readSheet(space: Space): BalanceSheet {
  return space.find('balance_sheet', sheetId)?.object ?? { available: {}, pending: {}, total: {} }
}

export function availableIn(space: Space, currency: string): number {
  return readSheet(space).available[currency] ?? 0
}

/** Timer: what was pending until this instant is available. Returns the currencies that changed. */
export function matureFunds(space: Space, availableOn: number): string[] {
  const ripe = [...space.oldestFirst('balance_transaction', { by: ['available_on', availableOn] })]
  const changed = new Set<string>()
  for (const { id, object } of ripe) {
    if (object.status !== 'pending') continue
    space.update('balance_transaction', id, { object: { status: 'available' } })
    moveSums(space, object.currency, { available: object.net, pending: -object.net })
    changed.add(object.currency)
  }
  if (changed.size > 0) emit(space, { type: 'balance.available', object: describeBalance(space) })
  return [...changed]
}

/** The balance as Stripe shows it: the account's own currency always, others when something was ever posted in them. */
export function describeBalance(space: Space): Stripe.Balance {
  const sheet = readSheet(space)
  const home = space.world.root.get('account', space.accountId).object.default_currency ?? 'usd'
  const currencies = [...new Set([home, ...Object.keys(sheet.total)])]
  const lines = (sums: Readonly<Record<string, number>>): Stripe.Balance['available'] =>
    currencies.map((currency) => {
      const amount = sums[currency] ?? 0
      return { amount, currency, source_types: { card: amount } }
    })
  return { object: 'balance', available: lines(sheet.available), livemode: space.isLive, pending: lines(sheet.pending) }
}

/** Sentences about sums that do not match their transactions; empty when the books are right. */
export function auditBooks(space: Space): string[] {
  const counted: Record<string, { available: number; pending: number }> = {}
  for (const { object } of space.oldestFirst('balance_transaction')) {
    const sums = (counted[object.currency] ??= { available: 0, pending: 0 })
    sums[object.status === 'available' ? 'available' : 'pending'] += object.net
  }
  const sheet = readSheet(space)
  return Object.entries(counted).flatMap(([currency, sums]) => {
    const isRight =
      sums.available === (sheet.available[currency] ?? 0) && sums.pending === (sheet.pending[currency] ?? 0)
    return isRight ? [] : [`The balance of ${space.name} in ${currency} does not match its transactions.`]
  })
}

function moveSums(space: Space, currency: string, move: { available?: number; pending?: number }): void {
  const { available = 0, pending = 0 } = move
  const before = readSheet(space)
  const add = (sums: Readonly<Record<string, number>>, amount: number): Record<string, number> => ({
    ...sums,
    [currency]: (sums[currency] ?? 0) + amount,
  })
  const after = {
    available: add(before.available, available),
    pending: add(before.pending, pending),
    total: add(before.total, available + pending),
  }
  if ((after.available[currency] ?? 0) + (after.pending[currency] ?? 0) !== after.total[currency]) {
    throw new Error(`The balance of ${space.name} in ${currency} would not add up.`)
  }
  if (space.find('balance_sheet', sheetId) === undefined)
    space.insert('balance_sheet', sheetId, { object: after, hidden: {} })
  else space.update('balance_sheet', sheetId, { object: after })
}
