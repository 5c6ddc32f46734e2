/**
 * All SQL about what a connection still has under way or takes with it when it goes. The lists are read across the tables of the modules
 * below, because they are one page and decide nothing.
 */
import type { LocalDate, Uuid } from '#kernel'
import { payoutWords, type Payout } from '#payouts'
import type { ScopedHandle } from '#platform'
import { sql, type RawBuilder } from 'kysely'
import type { Item } from './draining.ts'

const open = sql`('created', 'requires_action', 'processing', 'authorized', 'unknown')`
const bookedWithinMs = 86_400_000

/** Payments Stripe may still report about; one that succeeded a moment ago also waits for its fee to be booked. */
export async function listPaymentsUnderWay(
  rows: ScopedHandle,
  connectionId: Uuid,
): Promise<readonly (Item & { readonly isDebit: boolean })[]> {
  const since = new Date(rows.clock.now().getTime() - bookedWithinMs)
  return listOf(rows, {
    columns: sql`payment.state, payment.amount_minor::text as "amountMinor", payment.currency,
      payment.stripe_payment_intent_id as "stripeId", payment.invoice_id as "invoiceId",
      payment.method = 'bank_debit' as "isDebit", coalesce(invoice.number, renter.name) as label`,
    from: sql`app.payments payment
      join app.renters renter on renter.operator_id = payment.operator_id and renter.mode = payment.mode
        and renter.id = payment.renter_id
      left join app.invoices invoice on invoice.operator_id = payment.operator_id and invoice.mode = payment.mode
        and invoice.id = payment.invoice_id`,
    where: sql`payment.operator_id = ${rows.scope.operatorId} and payment.mode = ${rows.scope.mode}
      and payment.connection_id = ${connectionId} and (payment.state in ${open}
        or (payment.state = 'succeeded' and payment.balance_transaction_id is null and payment.settled_at > ${since}))`,
    order: sql`payment.id`,
  })
}

/** Payments nobody has confirmed yet, those that never left the house first: a declined one stands unconfirmed at Stripe too. */
export async function listUnconfirmedPaymentIds(rows: ScopedHandle, connectionId: Uuid): Promise<readonly Uuid[]> {
  const found = await rows
    .selectFrom('app.payments')
    .select('id')
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('connection_id', '=', connectionId)
    .where('stripe_invoice_id', 'is', null)
    .where(({ eb, or, and }) =>
      or([
        eb('state', 'in', ['created', 'requires_action', 'authorized', 'unknown']),
        and([eb('state', '=', 'failed'), eb('stripe_payment_intent_id', 'is not', null)]),
      ]),
    )
    .orderBy(sql`stripe_payment_intent_id is not null`)
    .orderBy('id')
    .limit(50)
    .execute()
  return found.map(({ id }) => id as Uuid)
}

export async function listRefundsUnderWay(
  rows: ScopedHandle,
  connectionId: Uuid,
): Promise<readonly (Item & { readonly isWaiting: boolean })[]> {
  return listOf(rows, {
    columns: sql`refund.state, refund.amount_minor::text as "amountMinor", refund.currency,
      refund.stripe_refund_id as "stripeId", payment.invoice_id as "invoiceId",
      refund.state in ('requested', 'waiting_funds') as "isWaiting", coalesce(invoice.number, 'Refund') as label`,
    from: sql`app.refunds refund
      join app.payments payment on payment.operator_id = refund.operator_id and payment.mode = refund.mode
        and payment.id = refund.payment_id
      left join app.invoices invoice on invoice.operator_id = payment.operator_id and invoice.mode = payment.mode
        and invoice.id = payment.invoice_id`,
    where: sql`refund.operator_id = ${rows.scope.operatorId} and refund.mode = ${rows.scope.mode}
      and payment.connection_id = ${connectionId} and refund.state not in ('succeeded', 'failed', 'canceled')`,
    order: sql`refund.id`,
  })
}

/** Hosted pages on which a method is being saved. */
export async function listSetupsUnderWay(
  rows: ScopedHandle,
  connectionId: Uuid,
): Promise<readonly (Item & { readonly id: Uuid })[]> {
  return listOf(rows, {
    columns: sql`setup.id, setup.state, setup.renter_id as "renterId", renter.name as label,
      setup.stripe_checkout_session_id as "stripeId"`,
    from: sql`app.setups setup join app.renters renter on renter.operator_id = setup.operator_id and renter.mode = setup.mode
      and renter.id = setup.renter_id`,
    where: sql`setup.operator_id = ${rows.scope.operatorId} and setup.mode = ${rows.scope.mode}
      and setup.connection_id = ${connectionId}
      and setup.state not in ('succeeded', 'canceled')`,
    order: sql`setup.id`,
  })
}

/** Payouts that have not reached the bank, as last read from Stripe; a negative one is money Stripe collects from the bank. */
export async function listPayoutsUnderWay(rows: ScopedHandle, connectionId: Uuid): Promise<readonly Item[]> {
  const found = await listOf<Item & Pick<Payout, 'state' | 'statusWord'>>(rows, {
    columns: sql`payout.id as "payoutId", payout.state, payout.status_word as "statusWord",
      payout.amount_minor::text as "amountMinor", payout.currency, payout.stripe_payout_id as "stripeId",
      (case when payout.amount_minor < 0 then 'Collected from your bank, expected ' else 'Expected ' end)
        || to_char(payout.arrival_on, 'FMDD Mon YYYY') as label`,
    from: sql`app.payouts payout`,
    where: sql`payout.operator_id = ${rows.scope.operatorId} and payout.mode = ${rows.scope.mode}
      and payout.connection_id = ${connectionId} and payout.state in ('pending', 'in_transit', 'other')`,
    order: sql`payout.arrival_on, payout.id`,
  })
  return found.map(({ statusWord, ...item }) => ({ ...item, state: payoutWords({ state: item.state, statusWord }) }))
}

/** Live leases whose renters pay by a method saved here (STR-25). */
export async function listAutopayLeases(rows: ScopedHandle, connectionId: Uuid): Promise<readonly Item[]> {
  return listOf(rows, {
    columns: sql`lease.id as "leaseId", renter.id as "renterId", renter.name || ', ' || space.number as label`,
    from: sql`app.leases lease
      join app.renters renter on renter.operator_id = lease.operator_id and renter.mode = lease.mode and renter.id = lease.renter_id
      join app.spaces space on space.operator_id = lease.operator_id and space.id = lease.space_id`,
    where: sql`lease.operator_id = ${rows.scope.operatorId} and lease.mode = ${rows.scope.mode}
      and lease.state in ('reserved', 'active', 'notice_given') and renter.autopay and exists (
        select from app.saved_methods method where method.operator_id = lease.operator_id and method.mode = lease.mode
          and method.renter_id = lease.renter_id and method.connection_id = ${connectionId}
          and method.is_default and method.unusable_reason is null)`,
    order: sql`lease.id`,
  })
}

export async function listInvoicesDue(rows: ScopedHandle, until: LocalDate): Promise<readonly Item[]> {
  return listOf(rows, {
    columns: sql`invoice.id as "invoiceId", invoice.number as label, invoice.open_minor::text as "amountMinor",
      invoice.currency, 'due ' || invoice.due_on as state`,
    from: sql`app.invoice_figures invoice`,
    where: sql`invoice.operator_id = ${rows.scope.operatorId} and invoice.mode = ${rows.scope.mode}
      and invoice.status = 'open' and invoice.open_minor > 0 and invoice.due_on <= ${until}`,
    order: sql`invoice.due_on, invoice.id`,
  })
}

/** Spaces held for somebody who has not paid yet. */
export async function listBookingsWaiting(rows: ScopedHandle): Promise<readonly Item[]> {
  return listOf(rows, {
    columns: sql`lease.id as "leaseId", renter.name || ', ' || space.number as label`,
    from: sql`app.leases lease
      join app.renters renter on renter.operator_id = lease.operator_id and renter.mode = lease.mode and renter.id = lease.renter_id
      join app.spaces space on space.operator_id = lease.operator_id and space.id = lease.space_id`,
    where: sql`lease.operator_id = ${rows.scope.operatorId} and lease.mode = ${rows.scope.mode}
      and lease.state = 'awaiting_payment'`,
    order: sql`lease.id`,
  })
}

export async function listSavedMethods(rows: ScopedHandle, connectionId: Uuid): Promise<readonly Item[]> {
  return listOf(rows, {
    columns: sql`renter.id as "renterId", renter.name as label`,
    from: sql`app.saved_methods method join app.renters renter on renter.operator_id = method.operator_id
      and renter.mode = method.mode and renter.id = method.renter_id`,
    where: sql`method.operator_id = ${rows.scope.operatorId} and method.mode = ${rows.scope.mode}
      and method.connection_id = ${connectionId} and method.unusable_reason is null`,
    order: sql`renter.name, method.id`,
  })
}

type Query = Readonly<Record<'columns' | 'from' | 'where' | 'order', RawBuilder<unknown>>>

async function listOf<Row extends Item>(rows: ScopedHandle, { columns, from, where, order }: Query): Promise<Row[]> {
  const found = await sql<Row>`select ${columns} from ${from} where ${where} order by ${order} limit 5000`.execute(rows)
  return found.rows.map(
    (row) => Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as Row,
  )
}

/** Renters with a live lease who could pay by themselves only through this connection, and have no usable method elsewhere (STR-14). */
export async function listRentersTiedTo(
  rows: ScopedHandle,
  connectionId: Uuid,
): Promise<readonly { readonly renterId: Uuid; readonly label: string; readonly email: string }[]> {
  return listOf<Item & { readonly renterId: Uuid; readonly email: string }>(rows, {
    columns: sql`renter.id as "renterId", renter.name as label, renter.email`,
    from: sql`app.renters renter`,
    where: sql`renter.operator_id = ${rows.scope.operatorId} and renter.mode = ${rows.scope.mode} and renter.autopay
      and exists (select from app.leases lease where lease.operator_id = renter.operator_id and lease.mode = renter.mode
        and lease.renter_id = renter.id and lease.state in ('reserved', 'active', 'notice_given'))
      and exists (select from app.saved_methods method where method.operator_id = renter.operator_id
        and method.mode = renter.mode and method.renter_id = renter.id and method.connection_id = ${connectionId}
        and method.unusable_reason is null)
      and not exists (select from app.saved_methods method
        join app.connections connection on connection.operator_id = method.operator_id
          and connection.mode = method.mode and connection.id = method.connection_id
        where method.operator_id = renter.operator_id and method.mode = renter.mode and method.renter_id = renter.id
          and method.unusable_reason is null and method.connection_id <> ${connectionId}
          and connection.state in ('connected', 'broken'))`,
    order: sql`renter.name, renter.id`,
  })
}
