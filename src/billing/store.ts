/**
 * All SQL of billing. What surprises: `lockInvoice` asks twice, because a row that was waited for is fresh while sums read in the same
 * statement would still be those of before the wait.
 */
import { toColumns, toFields, type LocalDate, type PaymentIntentId, type Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { sql } from 'kysely'
import type { InvoiceState } from './invoice-state.ts'
import type {
  Allocation,
  CreditLine,
  CreditNote,
  Invoice,
  InvoiceDraft,
  InvoiceFilter,
  InvoiceLine,
  InvoicePage,
  NewCreditNote,
  NewDeposit,
  Owed,
  Party,
} from './invoice.ts'

/** The two columns every row here carries: in WHERE as well as in the policy, because only the former finds the shard (ARC-33). */
function own({ scope }: ScopedHandle) {
  return { operator_id: scope.operatorId, mode: scope.mode }
}

/** The rows of one table or view that belong to this operator and mode. */
function from(rows: ScopedHandle, table: string) {
  const { operatorId, mode } = rows.scope
  return rows.selectFrom(table).selectAll().where('operator_id', '=', operatorId).where('mode', '=', mode)
}

/** Writes one row as it is called in the schema; `created_at` is now. */
async function insert(rows: ScopedHandle, table: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
  await rows
    .insertInto(table)
    .values({ ...own(rows), ...toColumns({ ...fields, createdAt: rows.clock.now() }) })
    .execute()
}

export async function insertDraft(rows: ScopedHandle, { lines, ...draft }: InvoiceDraft): Promise<void> {
  await insert(rows, 'app.invoices', { ...draft, status: 'draft', updatedAt: rows.clock.now() })
  // Rows of one INSERT name the same columns, so what a line leaves out is written as null.
  const empty = { tax_rate_id: null, lease_id: null, service_start: null, service_end: null, formula: null }
  await rows
    .insertInto('app.invoice_lines')
    .values(lines.map((line) => ({ ...own(rows), invoice_id: draft.id, ...empty, ...toColumns(line) })))
    .execute()
}

export function insertDeposit(rows: ScopedHandle, deposit: NewDeposit): Promise<void> {
  return insert(rows, 'app.deposits', deposit)
}

/** The deposit an invoice charges, if it does. */
export async function findDepositOfInvoice(rows: ScopedHandle, invoiceId: Uuid): Promise<NewDeposit | undefined> {
  return (await listDepositsOfInvoices(rows, [invoiceId]))[0]
}

export async function listDepositsOfInvoices(rows: ScopedHandle, ids: readonly Uuid[]): Promise<readonly NewDeposit[]> {
  if (ids.length === 0) return []
  const found = await from(rows, 'app.deposits').where('invoice_id', 'in', ids).orderBy('id').execute()
  return found.map((row) => toFields<NewDeposit>(row))
}

/** The next count of a series; the row stays locked until the end, so a rollback gives the number back (BIL-58). */
export async function takeSeq(rows: ScopedHandle, series: 'invoice' | 'credit_note', bucket: string): Promise<bigint> {
  const row = await rows
    .insertInto('app.number_series')
    .values({ ...own(rows), series, bucket, next_seq: '2' })
    .onConflict((conflict) =>
      conflict
        .columns(['operator_id', 'mode', 'series', 'bucket'])
        .doUpdateSet({ next_seq: sql`app.number_series.next_seq + 1` }),
    )
    .returning(sql<string>`next_seq - 1`.as('seq'))
    .executeTakeFirstOrThrow()
  return BigInt(row.seq)
}

export async function updateFinalised(
  rows: ScopedHandle,
  document: { id: Uuid; number: string; numberSeq: bigint; seller: Party; buyer: Party },
): Promise<void> {
  const { id, ...change } = document
  await updateInvoice(rows, id, { ...toColumns(change), status: 'open', finalised_at: rows.clock.now() })
}

export async function updateStatus(rows: ScopedHandle, change: { id: Uuid; status: InvoiceState }): Promise<void> {
  await updateInvoice(rows, change.id, { status: change.status })
}

/** The one writer of `void` (MON-52): the command row comes first, and the lines free their period for another invoice. */
export async function updateVoided(
  rows: ScopedHandle,
  command: { id: Uuid; invoiceId: Uuid; reason: string; actor: string; booksStep: string; outboxId?: Uuid | undefined },
): Promise<void> {
  await insert(rows, 'app.void_commands', command)
  await updateInvoice(rows, command.invoiceId, { status: 'void', void_command_id: command.id })
  await rows
    .updateTable('app.invoice_lines')
    .set({ is_voided: true })
    .where(({ and }) => and({ ...own(rows), invoice_id: command.invoiceId }))
    .execute()
}

/** Remembers the newest PaymentIntent made for this invoice; the schema refuses anything but a `pi_` id. */
export async function setInvoicePaymentIntent(rows: ScopedHandle, id: Uuid, intent: PaymentIntentId): Promise<void> {
  await updateInvoice(rows, id, { stripe_payment_intent_id: intent })
}

async function updateInvoice(rows: ScopedHandle, id: Uuid, change: Record<string, unknown>): Promise<void> {
  await rows
    .updateTable('app.invoices')
    .set({ ...change, version: sql`version + 1`, updated_at: rows.clock.now() })
    .where(({ and }) => and({ ...own(rows), id }))
    .execute()
}

export async function findInvoice(rows: ScopedHandle, id: Uuid): Promise<Invoice | undefined> {
  const row = await from(rows, 'app.invoice_figures').where('id', '=', id).executeTakeFirst()
  return row && toFields(row)
}

/** @throws when there is no such invoice in this scope. */
export async function getInvoice(rows: ScopedHandle, id: Uuid): Promise<Invoice> {
  return toFields(await from(rows, 'app.invoice_figures').where('id', '=', id).executeTakeFirstOrThrow())
}

/** Nobody else changes what is owed on it until this transaction ends. @throws when there is no such invoice in this scope. */
export async function lockInvoice(rows: ScopedHandle, id: Uuid): Promise<Invoice> {
  await holdInvoices(rows, [id])
  return getInvoice(rows, id)
}

/** As `lockInvoice` for several, in the one order in which invoices are locked, and without reading what they come to. */
export async function holdInvoices(rows: ScopedHandle, ids: readonly Uuid[]): Promise<void> {
  if (ids.length === 0) return
  const { operatorId, mode } = rows.scope
  await sql`select from app.invoices where operator_id = ${operatorId} and mode = ${mode} and id = any (${ids}::uuid[])
    order by id for update`.execute(rows)
}

export async function listInvoicesById(rows: ScopedHandle, ids: readonly Uuid[]): Promise<readonly Invoice[]> {
  if (ids.length === 0) return []
  const query = from(rows, 'app.invoice_figures').where(sql<boolean>`id = any (${ids}::uuid[])`)
  return (await query.execute()).map((row) => toFields<Invoice>(row))
}

/** The check-out invoice of a lease: the newest that is not void. */
export async function findInvoiceOfLease(rows: ScopedHandle, leaseId: Uuid): Promise<Invoice | undefined> {
  const row = await from(rows, 'app.invoice_figures')
    .where(({ and }) => and({ lease_id: leaseId, kind: 'check_out' }))
    .where('status', 'not in', ['void', 'deleted'])
    .orderBy('id', 'desc')
    .executeTakeFirst()
  return row && toFields(row)
}

export async function listInvoiceLines(rows: ScopedHandle, invoiceId: Uuid): Promise<readonly InvoiceLine[]> {
  const found = await from(rows, 'app.invoice_lines').where('invoice_id', '=', invoiceId).orderBy('line_no').execute()
  return found.map((row) => toFields<InvoiceLine>(row))
}

/** The latest due first; drafts thrown away are never listed. */
export async function listInvoices(rows: ScopedHandle, page: InvoicePage): Promise<readonly Invoice[]> {
  let query = filtered(rows, page).orderBy('due_on', 'desc').orderBy('id', 'desc').limit(page.limit)
  if (page.after) query = query.where(sql<boolean>`(due_on, id) < (${page.after.dueOn}, ${page.after.id})`)
  return (await query.execute()).map((row) => toFields<Invoice>(row))
}

/** How many there are, counted no further than `cap`. */
export async function countInvoices(rows: ScopedHandle, filter: InvoiceFilter, cap = 1000): Promise<number> {
  const found = await rows
    .selectFrom(filtered(rows, filter).clearSelect().select('id').limit(cap).as('counted'))
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(found.count)
}

function filtered(rows: ScopedHandle, { text, renterId, leaseId, statuses, overdueOn }: InvoiceFilter) {
  const pattern = `%${text?.trim().replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
  const searched = ['number', 'renter_name', 'renter_business_name', 'renter_email']
  return from(rows, 'app.invoice_figures')
    .where('status', '<>', 'deleted')
    .$if(text !== undefined, (query) =>
      query.where(({ eb, or }) => or(searched.map((name) => eb(name, 'ilike', pattern)))),
    )
    .$if(renterId !== undefined, (query) => query.where('renter_id', '=', renterId))
    .$if(leaseId !== undefined, (query) => query.where('lease_id', '=', leaseId))
    .$if(statuses !== undefined, (query) => query.where('status', 'in', statuses ?? []))
    .$if(overdueOn !== undefined, (query) =>
      query.where('status', '=', 'open').where('due_on', '<', overdueOn).where('open_minor', '>', 0),
    )
}

/** Per currency: the open balance of open invoices, and the part of it that was due before `today` (BIL-57). */
export async function readOutstanding(rows: ScopedHandle, today: LocalDate): Promise<readonly Owed[]> {
  return (await owed(rows, today).execute()).map((row) => toFields<Owed>(row))
}

/** The same for each of these renters or leases that owes something. */
export async function listBalances<By extends 'renterId' | 'leaseId'>(
  rows: ScopedHandle,
  about: { readonly by: By; readonly ids: readonly Uuid[]; readonly today: LocalDate },
): Promise<readonly (Owed & Readonly<Record<By, Uuid>>)[]> {
  if (about.ids.length === 0) return []
  const column = about.by === 'renterId' ? 'renter_id' : 'lease_id'
  const query = owed(rows, about.today).select(column).groupBy(column).where(column, 'in', about.ids)
  return (await query.execute()).map((row) => toFields<Owed & Record<By, Uuid>>(row))
}

function owed(rows: ScopedHandle, today: LocalDate) {
  return rows
    .selectFrom('app.invoice_figures')
    .select([
      'currency',
      sql`coalesce(sum(open_minor), 0)`.as('outstanding_minor'),
      sql`coalesce(sum(open_minor) filter (where due_on < ${today}), 0)`.as('overdue_minor'),
    ])
    .where(({ and }) => and({ ...own(rows), status: 'open' }))
    .groupBy('currency')
}

/** Whether a document of this mode was ever finalised: from then on the currency is fixed (BIL-28). A test payment fixes nothing. */
export async function hasFinalisedInvoice(rows: ScopedHandle): Promise<boolean> {
  const finalised = filtered(rows, { statuses: ['open', 'paid', 'void', 'uncollectible'] })
  return (await finalised.where('kind', '<>', 'test').limit(1).executeTakeFirst()) !== undefined
}

/** Several allocations, and the end of the invoices they paid, in one statement. */
export async function insertAllocations(
  rows: ScopedHandle,
  made: { readonly allocations: readonly NewAllocation[]; readonly paidIds: readonly Uuid[] },
): Promise<void> {
  const [{ operatorId, mode }, now] = [rows.scope, rows.clock.now()]
  await sql`
    with paid as (
      update app.invoices set status = 'paid', version = version + 1, updated_at = ${now}
      where operator_id = ${operatorId} and mode = ${mode} and id = any (${made.paidIds}::uuid[])
    )
    insert into app.allocations (operator_id, mode, id, payment_id, invoice_id, amount_minor, deposit_minor, reverses_id, created_at)
    select ${operatorId}::uuid, ${mode}::text, id, payment_id, invoice_id, amount_minor, deposit_minor, reverses_id, ${now}::timestamptz
    from jsonb_to_recordset(${JSON.stringify(made.allocations.map((one) => toColumns(one)))}::jsonb) as made (id uuid, payment_id uuid,
      invoice_id uuid, amount_minor bigint, deposit_minor bigint, reverses_id uuid)`.execute(rows)
}

type NewAllocation = Omit<Allocation, 'isReversed' | 'createdAt'>

export async function findAllocation(rows: ScopedHandle, id: Uuid): Promise<Allocation | undefined> {
  const row = await from(rows, 'app.allocation_figures').where('id', '=', id).executeTakeFirst()
  return row && toFields(row)
}

/** Of a payment or of an invoice, oldest first, reversals among them. */
export async function listAllocations(
  rows: ScopedHandle,
  about: { readonly paymentId: Uuid } | { readonly invoiceId: Uuid },
): Promise<readonly Allocation[]> {
  const owner = toColumns(about)
  const found = await from(rows, 'app.allocation_figures')
    .where(({ and }) => and(owner))
    .orderBy('id')
    .execute()
  return found.map((row) => toFields<Allocation>(row))
}

export async function insertCreditNote(
  rows: ScopedHandle,
  note: NewCreditNote,
  lines: readonly CreditLine[],
): Promise<void> {
  await insert(rows, 'app.credit_notes', note)
  const known = { ...own(rows), credit_note_id: note.id, invoice_id: note.invoiceId }
  await rows
    .insertInto('app.credit_note_lines')
    .values(lines.map((line, index) => ({ ...known, line_no: index + 1, ...toColumns(line) })))
    .execute()
}

/** What credit notes took off each line of an invoice so far. */
export async function listCreditedLines(rows: ScopedHandle, invoiceId: Uuid): Promise<readonly CreditLine[]> {
  const found = await from(rows, 'app.credit_note_lines').where('invoice_id', '=', invoiceId).execute()
  return found.map((row) => toFields<CreditLine>(row))
}

export function insertCreditApplication(
  rows: ScopedHandle,
  application: { id: Uuid; creditNoteId: Uuid; invoiceId: Uuid; amountMinor: bigint },
): Promise<void> {
  return insert(rows, 'app.credit_applications', application)
}

/** The credit notes of an invoice, oldest first. */
export async function listCreditNotes(rows: ScopedHandle, invoiceId: Uuid): Promise<readonly CreditNote[]> {
  const found = await from(rows, 'app.credit_notes').where('invoice_id', '=', invoiceId).orderBy('id').execute()
  return found.map((row) => toFields<CreditNote>(row))
}
