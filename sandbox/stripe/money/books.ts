/**
 * The balance of one account in one mode: transactions and their running sums (SBX-23). `available + pending` equals the
 * net of all transactions at every instant; the sums are checked with each posting and counted anew by the health page.
 */
import type Stripe from 'stripe'
import type { BalanceSheet, Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { emit } from '../objects/event.ts'
import { defaultDelayDays } from '../facts.ts'
import { afterBusinessDays } from './amounts.ts'
import { wakePayouts, wakePayoutsFor } from './payout-clock.ts'

const sheetId = 'balance'

interface Posting {
  readonly type: Stripe.BalanceTransaction['type']
  readonly reportingCategory: string
  readonly amount: number
  /** All fees together, the application's included. */
  readonly fee: number
  /** What the fee is for, when it is not Stripe's usual one. */
  readonly feeDescription?: string
  /** The part of the fee that a platform takes (direct charges). */
  readonly applicationFee?: { readonly amount: number; readonly application: string } | undefined
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
    fee_details: describeFees(posting),
    net,
    reporting_category: posting.reportingCategory,
    source: posting.source,
    status: isAvailable ? 'available' : 'pending',
    type: posting.type,
  }
  const row = space.insert('balance_transaction', id, {
    object: transaction,
    hidden: { batch: openBatch(posting.currency) },
  })
  moveSums(space, posting.currency, isAvailable ? { available: net } : { pending: net })
  if (isAvailable) wakePayouts(space)
  if (isAvailable && net > 0 && posting.type !== 'payout_minimum_balance_release') tellOfFunds(space, posting.currency)
  else {
    const timer = { dueAt: posting.availableOn * 1000, action: 'funds.available', subject: String(posting.availableOn) }
    world.schedule(space, timer, `funds_${posting.availableOn}`)
  }
  return row
}

/** New money that can be used at once. Refunds that wait for it are paid by a timer, after the change that brought it. */
function tellOfFunds(space: Space, currency: string): void {
  emit(space, { type: 'balance.available', object: describeBalance(space) })
  if (listWaitingRefunds(space, currency).length === 0) return
  const timer = { dueAt: space.world.nowMs(), action: 'funds.arrived', subject: currency }
  space.world.schedule(space, timer, `arrived_${currency}`)
}

/** Refunds that wait for funds in a currency, oldest first. */
export function listWaitingRefunds(space: Space, currency: string): Row<'refund'>[] {
  return [...space.oldestFirst('refund', { by: ['hidden.waitsFor', currency] })]
}

function describeFees(posting: Posting): Stripe.BalanceTransaction.FeeDetail[] {
  const { currency, applicationFee } = posting
  const ours = applicationFee?.amount ?? 0
  const fee = (amount: number, application: string | null): Stripe.BalanceTransaction.FeeDetail => ({
    amount,
    application,
    currency,
    description: application === null ? 'Stripe processing fees' : 'Application fee',
    type: application === null ? 'stripe_fee' : 'application_fee',
  })
  return [
    ...(applicationFee === undefined || ours === 0 ? [] : [fee(ours, applicationFee.application)]),
    ...(posting.fee === ours ? [] : [fee(posting.fee - ours, null)]),
  ]
}

/** Name, in the index of batches, of the transactions in a currency that no automatic payout took yet. */
function openBatch(currency: string): string {
  return `open:${currency}`
}

/** What an automatic payout of this currency would take now, oldest first: available, and in no payout yet. */
export function listUnpaid(space: Space, currency: string): Row<'balance_transaction'>[] {
  const open = space.oldestFirst('balance_transaction', { by: ['hidden.batch', openBatch(currency)] })
  return [...open].filter((row) => row.object.status === 'available')
}

/** From now on the transaction is listed with this automatic payout and with no other. */
export function assignToPayout(space: Space, transactionId: string, payoutId: string): void {
  space.update('balance_transaction', transactionId, { hidden: { batch: payoutId } })
}

/** When money charged now is available, in seconds: as many business days later as the account's settings say. */
export function cardFundsAvailableOn(space: Space): number {
  const { settings } = space.world.root.get('account', space.accountId).object
  const days = settings?.payouts?.schedule.delay_days ?? defaultDelayDays
  return afterBusinessDays(space.world.nowMs(), days)
}

/** Currencies with available money, or with a debt. */
export function currenciesToSettle(space: Space): string[] {
  return Object.entries(readSheet(space).available).flatMap(([currency, amount]) => (amount === 0 ? [] : [currency]))
}

/** Sums per currency; both empty while nothing was ever posted. */
function readSheet(space: Space): BalanceSheet {
  return space.find('balance_sheet', sheetId)?.object ?? { available: {}, pending: {}, total: {} }
}

export function availableIn(space: Space, currency: string): number {
  return readSheet(space).available[currency] ?? 0
}

/** Timer: what was pending until this instant is available. Returns the currencies that changed. Debts are no news. */
export function matureFunds(space: Space, availableOn: number): string[] {
  const ripe = [...space.oldestFirst('balance_transaction', { by: ['available_on', availableOn] })]
  const changed = new Set<string>()
  let hasNewMoney = false
  for (const { id, object } of ripe) {
    if (object.status !== 'pending') continue
    space.update('balance_transaction', id, { object: { status: 'available' } })
    moveSums(space, object.currency, { available: object.net, pending: -object.net })
    changed.add(object.currency)
    hasNewMoney ||= object.net > 0
  }
  if (changed.size > 0) wakePayoutsFor(space, availableOn * 1000)
  if (hasNewMoney) emit(space, { type: 'balance.available', object: describeBalance(space) })
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

/** Sentences about sums that do not match their transactions; empty when they all do. */
export function auditSums(space: Space): string[] {
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
