/** All SQL of diagnosis: the troubles, what Stripe was asked last, and the counts of other modules' rows that the checks judge. */
import { publicId } from '#kernel'
import { firstIdAt, newId, type ScopedHandle } from '#platform'
import { sql } from 'kysely'
import type { CheckCode, Finding } from './finding.ts'
import type { Ask, MoneySeen, OpenMoney, Polled, Settled } from './known.ts'

const own = (rows: ScopedHandle) => ({ operator_id: rows.scope.operatorId, mode: rows.scope.mode })
const minute = 60_000

export type Trouble = {
  readonly id: string
  readonly code: CheckCode
  readonly cause: string
  readonly finding: Finding
  readonly openedAt: Date
  readonly toldAt: Date | null
  readonly closedAt: Date | null
}

function troubles(rows: ScopedHandle) {
  return rows
    .selectFrom('app.troubles')
    .select(['id', 'code', 'cause', 'finding', 'opened_at as openedAt', 'told_at as toldAt', 'closed_at as closedAt'])
    .where((where) => where.and(own(rows)))
    .$castTo<Trouble>()
}

export async function listOpenTroubles(rows: ScopedHandle): Promise<readonly Trouble[]> {
  return troubles(rows).where('closed_at', 'is', null).orderBy('id').execute()
}

/** Those that cleared since, the latest first. */
export async function listClosedTroubles(rows: ScopedHandle, since: Date): Promise<readonly Trouble[]> {
  return troubles(rows).where('closed_at', '>=', since).orderBy('closed_at', 'desc').limit(20).execute()
}

export async function findTrouble(rows: ScopedHandle, id: string): Promise<Trouble | undefined> {
  return troubles(rows).where('id', '=', id).executeTakeFirst()
}

/** Two at once open one. */
export async function insertTrouble(rows: ScopedHandle, code: CheckCode, finding: Finding): Promise<void> {
  const id = newId(rows.clock)
  await rows
    .insertInto('app.troubles')
    .values({
      ...own(rows),
      id,
      code,
      cause: finding.cause,
      finding: JSON.stringify(finding),
      opened_at: rows.clock.now(),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

type TroubleChange = { readonly finding?: Finding; readonly toldAt?: Date; readonly closedAt?: Date }

export async function updateTrouble(rows: ScopedHandle, id: string, change: TroubleChange): Promise<void> {
  const { finding, toldAt, closedAt } = change
  await rows
    .updateTable('app.troubles')
    .set({
      ...(finding && { finding: JSON.stringify(finding) }),
      ...(toldAt && { told_at: toldAt }),
      ...(closedAt && { closed_at: closedAt }),
    })
    .where((where) => where.and({ ...own(rows), id }))
    .execute()
}

export async function findAsk(rows: ScopedHandle, connectionId: string): Promise<Ask | undefined> {
  const row = await rows
    .selectFrom('app.diagnosis_asks')
    .select(['asked_at', 'passed_at', 'answer'])
    .where((where) => where.and({ ...own(rows), connection_id: connectionId }))
    .executeTakeFirst()
  return row && { ...row['answer'], askedAt: row['asked_at'], passedAt: row['passed_at'] ?? undefined }
}

export async function writeAsk(rows: ScopedHandle, connectionId: string, ask: Ask): Promise<void> {
  const { askedAt, passedAt, ...answer } = ask
  const set = { asked_at: askedAt, answer: JSON.stringify(answer), ...(passedAt && { passed_at: passedAt }) }
  await rows
    .insertInto('app.diagnosis_asks')
    .values({ ...own(rows), connection_id: connectionId, ...set })
    .onConflict((conflict) => conflict.columns(['operator_id', 'mode', 'connection_id']).doUpdateSet(set))
    .execute()
}

const noMoney: MoneySeen = {
  open: 0,
  oldestOpenAt: null,
  oldestInvoiceId: null,
  processing: 0,
  processingSince: null,
  unsentSince: null,
  unknown: 0,
}
const openStates = ['created', 'requires_action', 'processing', 'authorized', 'unknown'] as const

/** Payments through Stripe that are not final, of each connection and of all; refunds without an answer are counted with all. */
export async function readOpenMoney(rows: ScopedHandle): Promise<OpenMoney> {
  const now = rows.clock.now().getTime()
  const [moment, quarter] = [new Date(now - 15_000), new Date(now - 15 * minute)]
  const found = await rows
    .selectFrom('app.payments')
    .select([
      'connection_id',
      sql<string>`count(*)`.as('open'),
      sql<Date | null>`min(created_at)`.as('oldestOpenAt'),
      sql<string | null>`(array_agg(invoice_id order by created_at))[1]`.as('oldestInvoiceId'),
      sql<string>`count(*) filter (where state = 'processing')`.as('processing'),
      sql<Date | null>`min(created_at) filter (where state = 'processing')`.as('processingSince'),
      sql<Date | null>`max(created_at) filter (where state in ('created', 'unknown') and created_at < ${moment})`.as(
        'unsentSince',
      ),
      sql<string>`count(*) filter (where state = 'unknown' and updated_at < ${quarter})`.as('unknown'),
    ])
    .where((where) => where.and(own(rows)))
    .where('connection_id', 'is not', null)
    .where('state', 'in', [...openStates])
    .groupBy('connection_id')
    .execute()
  const refunds = await rows
    .selectFrom('app.refunds')
    .select(sql<string>`count(*)`.as('unknown'))
    .where((where) => where.and({ ...own(rows), state: 'unknown' }))
    .where('updated_at', '<', quarter)
    .executeTakeFirstOrThrow()
  const each = new Map(found.map(({ connection_id: id, ...row }) => [String(id), toMoney(row)]))
  const all = [...each.values()].reduce(addMoney, { ...noMoney, unknown: Number(refunds.unknown) })
  return { all, of: (connectionId) => each.get(connectionId) ?? noMoney }
}

type MoneyRow = Omit<MoneySeen, 'open' | 'processing' | 'unknown'> & Record<'open' | 'processing' | 'unknown', string>

function toMoney({ open, processing, unknown, oldestInvoiceId, ...same }: MoneyRow): MoneySeen {
  const invoiceId = oldestInvoiceId && publicId('invoice', oldestInvoiceId)
  return {
    ...same,
    oldestInvoiceId: invoiceId,
    open: Number(open),
    processing: Number(processing),
    unknown: Number(unknown),
  }
}

function addMoney(one: MoneySeen, other: MoneySeen): MoneySeen {
  const isOlder = one.oldestOpenAt !== null && other.oldestOpenAt !== null && one.oldestOpenAt <= other.oldestOpenAt
  const { oldestOpenAt, oldestInvoiceId } = isOlder ? one : other
  const instants = (which: 'processingSince' | 'unsentSince') =>
    [one[which], other[which]].filter((at) => at !== null).toSorted((first, second) => Number(first) - Number(second))
  return {
    open: one.open + other.open,
    oldestOpenAt,
    oldestInvoiceId,
    processing: one.processing + other.processing,
    processingSince: instants('processingSince').at(0) ?? null,
    unsentSince: instants('unsentSince').at(-1) ?? null,
    unknown: one.unknown + other.unknown,
  }
}

/** The newest payment of the last day that Stripe finished on this connection, whichever way its news came. */
export async function findNewestSettled(rows: ScopedHandle, connectionId: string): Promise<Settled | undefined> {
  const dayBefore = new Date(rows.clock.now().getTime() - 24 * 60 * minute)
  const row = await rows
    .selectFrom('app.payments')
    .select(['settled_at', 'created_at', 'invoice_id', 'stripe_payment_intent_id'])
    .where((where) => where.and({ ...own(rows), state: 'succeeded', connection_id: connectionId }))
    .where('settled_at', 'is not', null)
    .where('id', '>=', firstIdAt(dayBefore))
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) return undefined
  const event = await rows
    .selectFrom('app.inbox_events')
    .select('id')
    .where((where) => where.and({ ...own(rows), object_id: row['stripe_payment_intent_id'] }))
    .where('type', '=', 'payment_intent.succeeded')
    .where('received_at', '>=', row['created_at'])
    .limit(1)
    .executeTakeFirst()
  return {
    settledAt: row['settled_at'],
    createdAt: row['created_at'],
    invoiceId: row['invoice_id'] && publicId('invoice', row['invoice_id']),
    hasEvent: event !== undefined,
  }
}

/** What polling found and no delivery brought, and what stopped the fetching. */
export async function readPolled(rows: ScopedHandle, connectionId: string): Promise<Polled> {
  const where = { ...own(rows), connection_id: connectionId }
  const watch = await rows
    .selectFrom('app.endpoint_watches')
    .select(['missed_count as missedCount', 'missed_since as missedSince'])
    .where((one) => one.and(where))
    .executeTakeFirst()
  const fetching = await rows
    .selectFrom('app.back_fills')
    .select('problem')
    .where((one) => one.and(where))
    .executeTakeFirst()
  return { missedCount: 0, missedSince: null, ...watch, problem: fetching?.['problem'] ?? '' }
}

/** Mails that nobody took for five minutes, or that were given up. */
export async function countLateMails(
  rows: ScopedHandle,
): Promise<{ readonly late: number; readonly oldestAt: Date | null }> {
  const since = new Date(rows.clock.now().getTime() - 5 * minute)
  const row = await rows
    .selectFrom('app.mail_outbox')
    .select([sql<string>`count(*)`.as('late'), sql<Date | null>`min(created_at)`.as('oldestAt')])
    .where((where) => where.and(own(rows)))
    .where('state', '<>', 'sent')
    .where('created_at', '<', since)
    .executeTakeFirstOrThrow()
  return { late: Number(row.late), oldestAt: row.oldestAt }
}
