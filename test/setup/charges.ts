/**
 * A renter with a card saved on the real sandbox, invoices to charge, and a look at what the sandbox holds afterwards. Jobs are run by
 * hand, one at a time, so that a test decides what happens between two of them.
 */
import { afterAll, beforeAll, expect } from 'vitest'
import { getInvoice, type Invoice } from '#billing'
import { connectionGroundOf } from '#connections'
import { drainingHandlers, drainingJobs } from '#draining'
import { endpointHandlers } from '#endpoints'
import type { Scope } from '#kernel'
import {
  findPayment,
  listPaymentsOfInvoice,
  paymentHandlers,
  paymentJobs,
  recordPayment,
  requestCharge,
  type ChargeRequest,
  type ManualPayment,
  type MoneyGround,
  type Payment,
} from '#payments'
import { recoveryHandlers, recoveryJobs } from '#recovery'
import { inScope, newId, type JobHandler, type ScopedHandle } from '#platform'
import { refundHandlers, refundJobs } from '#refunds'
import { followSetup, listMethods, renterHandlers, renterJobs, startSetup, type SavedMethod } from '#renters'
import { connectionGround, connectToSandbox } from './connections.ts'
import { breachesOf, eachDatabase, type TestGround } from './databases.ts'
import { checkOut, leaseHandlersOf, makeRental, todayOf, valueOf } from './rental.ts'
import type { Rental, RentalWish, TestCheckOut } from './rental.ts'
import { openStripeSandbox, type StripeSandboxGround } from './stripe-sandbox.ts'

export const cards = {
  good: '4242424242424242',
  mastercard: '5555555555554444',
  /** Saves, then every charge is declined; it may be tried again. */
  declined: '4000000000000341',
  /** Saves, then every charge is declined as fraudulent, for good. */
  refusedForGood: '4100000000000019',
  /** 3-D Secure every time. */
  challenged: '4000002760003184',
  refundFails: '4000000000005126',
  refundPends: '4000000000007726',
  /** Succeeds, then an early fraud warning comes. */
  fraudWarning: '4000000000005423',
} as const

/** Objects as the sandbox has them. */
type AtStripe = Readonly<Record<'intents' | 'charges' | 'refunds' | 'transactions', readonly any[]>>

export type Charging = Awaited<ReturnType<typeof openCharging>>

type ChargingWish = RentalWish & { readonly stripe?: MoneyGround['stripe'] }

export type MoneyParts = {
  readonly ground: () => TestGround
  readonly sandbox: () => StripeSandboxGround
  readonly open: (wish?: ChargingWish) => Promise<Charging>
  /** Takes back every fault that is still armed. */
  readonly calm: () => Promise<void>
}

/** Runs the tests on every database of this run, each with a sandbox of its own on the same clock. */
export function eachMoney(title: string, tests: (parts: MoneyParts) => void): void {
  eachDatabase(
    title,
    { jobs: [...renterJobs, ...paymentJobs, ...refundJobs, ...drainingJobs, ...recoveryJobs] },
    (ground) => {
      let sandbox: StripeSandboxGround
      beforeAll(async () => {
        sandbox = await openStripeSandbox(ground().clock)
      })
      afterAll(() => sandbox?.close())
      tests({
        ground,
        sandbox: () => sandbox,
        open: (wish) => openCharging(ground(), sandbox, wish),
        async calm() {
          await fetch(`${sandbox.sandbox.url}/_sandbox/faults`, { method: 'DELETE' })
        },
      })
    },
  )
}

/** A fresh operator, connected, with one space at 100.00 and 10 % tax, a deposit of 200.00, and a renter without a card. */
export async function openCharging(ground: TestGround, sandbox: StripeSandboxGround, wish: ChargingWish = {}) {
  const rental = await makeRental(ground, wish)
  const { scope } = rental
  const connectionId = await connectToSandbox(connectionGround(ground, sandbox.gateway), sandbox, scope)
  const { database, box, logs } = ground
  const money: MoneyGround = {
    database,
    box,
    logs,
    stripe: wish.stripe ?? sandbox.gateway,
    publicUrl: 'http://127.0.0.1:1',
  }
  const within = <Result>(work: (rows: ScopedHandle) => Promise<Result>) => inScope(database, scope, work)
  const handlers: Record<string, JobHandler> = {
    ...leaseHandlersOf(ground),
    ...renterHandlers(money),
    ...paymentHandlers(money),
    ...refundHandlers(money),
    ...drainingHandlers({ ...money, ...connectionGroundOf(money) }),
    ...endpointHandlers(connectionGroundOf(money)),
    ...recoveryHandlers({ ...money, reactions: {}, onKept: () => {} }),
  }
  return {
    rental,
    scope,
    connectionId,
    money,
    within,
    saveCard: (number: string) => saveCard({ money, sandbox, scope, renterId: rental.renterId }, number),
    /** @returns the open first invoice: 310.00, of which 200.00 deposit. */
    checkOut: (terms: TestCheckOut = {}) => checkedOut(ground, rental, terms),
    /** Plans a charge; nothing leaves until a job runs. @returns the payment's id. */
    plan: async (invoiceId: string, request: Partial<ChargeRequest> = {}) => {
      const asked = { invoiceId, requestKey: newId(ground.clock), actor: 'test', ...request }
      return valueOf(await within((rows) => requestCharge(rows, asked))).paymentId
    },
    /** Records cash, all of the first invoice unless another amount is given. */
    payCash: (invoiceId: string, changes: Partial<ManualPayment> = {}) => {
      const cash = { amountMinor: 31_000n, method: 'cash', reference: '', receivedOn: todayOf(ground) } as const
      const manual = { ...cash, invoiceId, requestKey: newId(ground.clock), actor: 'test', ...changes }
      return within((rows) => recordPayment(rows, manual))
    },
    /** Runs one job as the queue would. @throws what the job throws; the queue would try it again. */
    run: (name: string, id: string) => handlers[name]!({ ...scope, id }),
    /** From now on the queue runs them by itself. */
    startWorkers: () => ground.jobs.work(handlers),
    payment: async (id: string): Promise<Payment> => (await within((rows) => findPayment(rows, id)))!,
    paymentsOf: (invoiceId: string) => within((rows) => listPaymentsOfInvoice(rows, invoiceId)),
    invoice: (id: string): Promise<Invoice> => within((rows) => getInvoice(rows, id)),
    atStripe: () => lookAtStripe(sandbox, scope),
    entries: () => within(listEntries),
    /** A call with the operator's own key, as somebody in Stripe's Dashboard makes it. */
    inDashboard: (path: string, form: Record<string, string> = {}) => askStripe(sandbox, path, form),
    expectAgreement: () => expectAgreement(ground, sandbox, { scope, connectionId }),
  }
}

async function checkedOut(ground: TestGround, rental: Rental, terms: TestCheckOut) {
  return valueOf(await checkOut(ground, rental, terms))
}

/** Through the hosted page, as a renter types it in. @returns the saved method, which is the default now. */
async function saveCard(
  about: { money: MoneyGround; sandbox: StripeSandboxGround; scope: Scope; renterId: string },
  number: string,
): Promise<SavedMethod> {
  const { money, sandbox, scope, renterId } = about
  const setupId = newId(money.database.clock)
  const page = await startSetup(money, scope, { renterId, setupId, returnTo: '/renters', actor: 'test' })
  const sessionId = new URL(valueOf(page).url).pathname.split('/').at(-1)!
  const card = { number, expMonth: 12, expYear: 2040, cvc: '123' }
  const submitted = sandbox.sandbox.stripe.submitCheckout({ sessionId, card })
  if (submitted.outcome === 'requires_action') {
    const token = new URL(submitted.redirectUrl!).pathname.split('/').at(-1)!
    sandbox.sandbox.stripe.finishChallenge({ token, outcome: 'complete' })
  }
  await followSetup(money, scope, setupId)
  const [newest] = await inScope(money.database, scope, (rows) => listMethods(rows, renterId))
  expect(newest?.last4).toBe(number.slice(-4))
  return newest!
}

async function askStripe(sandbox: StripeSandboxGround, path: string, form: Record<string, string>): Promise<any> {
  const reply = await fetch(`${sandbox.sandbox.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${sandbox.keysOf().secret}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams(form).toString(),
  })
  const answer = (await reply.json()) as { error?: { message: string } }
  if (answer.error) throw new Error(`the sandbox refused ${path}: ${answer.error.message}`)
  return answer
}

/** What the sandbox has of this operator, oldest first. */
function lookAtStripe(sandbox: StripeSandboxGround, { operatorId, mode }: Scope): AtStripe {
  const list = (kind: Parameters<typeof sandbox.sandbox.stripe.listObjects>[2]) =>
    sandbox.sandbox.stripe.listObjects(sandbox.keysOf({ mode }).accountId, mode, kind).toReversed() as readonly any[]
  const intents = list('payment_intent').filter(({ metadata }) => metadata.rentroll_operator === operatorId)
  const ours = new Set(intents.map(({ id }) => id))
  const charges = list('charge').filter(({ payment_intent: intent }) => ours.has(intent))
  const refunds = list('refund').filter(({ payment_intent: intent }) => ours.has(intent))
  const sources = new Set([...charges, ...refunds].map(({ id }) => id))
  return {
    intents,
    charges,
    refunds,
    transactions: list('balance_transaction').filter(({ source }) => sources.has(source)),
  }
}

/** The books hold, and they say what the sandbox says: one charge per payment, and the same money in Stripe's balance (TRU-176). */
async function expectAgreement(
  ground: TestGround,
  sandbox: StripeSandboxGround,
  { scope, connectionId }: { scope: Scope; connectionId: string },
): Promise<void> {
  expect(await breachesOf(ground.database, scope)).toEqual([])
  const there = lookAtStripe(sandbox, scope)
  const here = await inScope(ground.database, scope, async (rows) => {
    const own = { operator_id: rows.scope.operatorId, mode: rows.scope.mode }
    const paid = await rows
      .selectFrom('app.payments')
      .select(['stripe_payment_intent_id', 'amount_minor'])
      .where(({ and }) => and({ ...own, connection_id: connectionId, state: 'succeeded' }))
      .execute()
    const clearing = await rows
      .selectFrom('app.ledger_lines')
      .select(['bt_id', 'amount_minor'])
      .where(({ and }) => and({ ...own, account: 'stripe_clearing' }))
      .execute()
    return { paid, clearing }
  })
  const charged = there.charges.filter(({ status }) => status === 'succeeded')
  expect(here.paid.map((row) => `${row['stripe_payment_intent_id']} ${row['amount_minor']}`).toSorted()).toEqual(
    charged.map(({ payment_intent: intent, amount }) => `${intent} ${amount}`).toSorted(),
  )
  expect(here.clearing.map((row) => `${row['bt_id']} ${row['amount_minor']}`).toSorted()).toEqual(
    there.transactions.map(({ id, net }) => `${id} ${net}`).toSorted(),
  )
}

/** Every posted line in the order of posting: `P6 charges_unsettled 31000`. */
async function listEntries(rows: ScopedHandle): Promise<string[]> {
  const { operatorId, mode } = rows.scope
  const found = await rows
    .selectFrom('app.ledger_lines as line')
    .innerJoin('app.ledger_entries as entry', (join) =>
      join
        .onRef('entry.operator_id', '=', 'line.operator_id')
        .onRef('entry.mode', '=', 'line.mode')
        .onRef('entry.id', '=', 'line.entry_id'),
    )
    .select(['entry.rule', 'line.account', 'line.amount_minor'])
    .where('line.operator_id', '=', operatorId)
    .where('line.mode', '=', mode)
    .orderBy('entry.id')
    .orderBy('line.line_no')
    .execute()
  return found.map((row) => `${row.rule} ${row.account} ${row.amount_minor}`)
}
