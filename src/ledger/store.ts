/** All SQL of the ledger. */
import { sql } from 'kysely'
import type { ScopedHandle } from '#platform'
import { accounts, type Account } from './accounts.ts'
import type { Entry, Line } from './entry.ts'

export type StoredEntry = { readonly id: string; readonly rule: string; readonly lines: readonly Line[] }

/** @returns false when the cause was posted before. */
export async function insertEntry(rows: ScopedHandle, id: string, entry: Entry): Promise<boolean> {
  const { operatorId, mode } = rows.scope
  const inserted = await rows
    .insertInto('app.ledger_entries')
    .values({
      operator_id: operatorId,
      mode,
      id,
      rule: entry.rule,
      cause_kind: entry.cause.kind,
      cause_id: entry.cause.id,
      cause_step: entry.cause.step,
      effective_on: entry.effectiveOn,
      posted_at: rows.clock.now(),
      reverses_entry_id: entry.reversesEntryId ?? null,
      actor: entry.actor,
      memo: entry.memo ?? '',
    })
    .onConflict((conflict) => conflict.constraint('ledger_entries_once').doNothing())
    .returning('id')
    .execute()
  if (inserted.length === 0) return false
  await rows
    .insertInto('app.ledger_lines')
    .values(
      entry.lines.map((line, index) => ({
        operator_id: operatorId,
        mode,
        entry_id: id,
        line_no: index + 1,
        account: line.account,
        currency: line.currency,
        amount_minor: line.amountMinor.toString(),
        subject_kind: accounts[line.account].subject,
        subject_id: line.subjectId,
        tags: JSON.stringify(line.tags ?? {}),
        renter_id: line.renterId ?? null,
        lease_id: line.leaseId ?? null,
        bt_id: line.balanceTransactionId ?? null,
      })),
    )
    .execute()
  return true
}

/** Balances are locked in one order, so that two entries of one book never wait for each other in a circle. */
export async function addToBalances(rows: ScopedHandle, lines: readonly Line[]): Promise<void> {
  const { operatorId, mode } = rows.scope
  const sorted = [...lines].sort((one, other) => (balanceKey(one) < balanceKey(other) ? -1 : 1))
  for (const line of sorted) {
    await rows
      .insertInto('app.ledger_balances')
      .values({
        operator_id: operatorId,
        mode,
        currency: line.currency,
        account: line.account,
        subject_kind: accounts[line.account].subject,
        subject_id: line.subjectId,
        balance_minor: line.amountMinor.toString(),
      })
      .onConflict((conflict) =>
        conflict
          .columns(['operator_id', 'mode', 'currency', 'account', 'subject_kind', 'subject_id'])
          .doUpdateSet({ balance_minor: sql`app.ledger_balances.balance_minor + excluded.balance_minor` }),
      )
      .execute()
  }
}

function balanceKey(line: Line): string {
  return `${line.currency}|${line.account}|${line.subjectId}`
}

export async function findEntryByCause(rows: ScopedHandle, cause: Entry['cause']): Promise<StoredEntry | undefined> {
  const entry = await entriesOf(rows)
    .where('cause_kind', '=', cause.kind)
    .where('cause_id', '=', cause.id)
    .where('cause_step', '=', cause.step)
    .executeTakeFirst()
  return entry && { id: entry.id, rule: entry.rule, lines: await linesOf(rows, entry.id) }
}

export async function findEntryById(rows: ScopedHandle, id: string): Promise<StoredEntry | undefined> {
  const entry = await entriesOf(rows).where('id', '=', id).executeTakeFirst()
  return entry && { id: entry.id, rule: entry.rule, lines: await linesOf(rows, entry.id) }
}

function entriesOf(rows: ScopedHandle) {
  return rows
    .selectFrom('app.ledger_entries')
    .select(['id', 'rule'])
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
}

async function linesOf(rows: ScopedHandle, entryId: string): Promise<Line[]> {
  const found = await rows
    .selectFrom('app.ledger_lines')
    .selectAll()
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('entry_id', '=', entryId)
    .orderBy('line_no')
    .execute()
  return found.map(toLine)
}

function toLine(row: Record<string, any>): Line {
  return {
    account: row['account'] as Account,
    currency: row['currency'],
    amountMinor: BigInt(row['amount_minor']),
    subjectId: row['subject_id'],
    tags: row['tags'],
    ...(row['renter_id'] && { renterId: row['renter_id'] }),
    ...(row['lease_id'] && { leaseId: row['lease_id'] }),
    ...(row['bt_id'] && { balanceTransactionId: row['bt_id'] }),
  }
}

/** The balance of one subject of one account, debit positive; zero when nothing was posted. */
export async function readBalance(
  rows: ScopedHandle,
  about: { account: Account; subjectId: string; currency: string },
): Promise<bigint> {
  const row = await rows
    .selectFrom('app.ledger_balances')
    .select('balance_minor')
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('account', '=', about.account)
    // Without it the key leads to every subject of the account, and an operator with many invoices waits for all of them.
    .where('subject_kind', '=', accounts[about.account].subject)
    .where('subject_id', '=', about.subjectId)
    .where('currency', '=', about.currency)
    .executeTakeFirst()
  return BigInt(row?.balance_minor ?? 0)
}

/** Every account of the book with its balance, for the trial balance. */
export async function listAccountBalances(
  rows: ScopedHandle,
): Promise<readonly { account: Account; currency: string; balanceMinor: bigint }[]> {
  const found = await rows
    .selectFrom('app.ledger_balances')
    .select(['account', 'currency', sql<string>`sum(balance_minor)`.as('balance')])
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .groupBy(['account', 'currency'])
    .orderBy('account')
    .execute()
  return found.map((row) => ({
    account: row.account as Account,
    currency: row.currency,
    balanceMinor: BigInt(row.balance),
  }))
}

export type Breach = {
  readonly invariant: string
  readonly subject: string
  readonly expected: string
  readonly actual: string
  readonly detail: string
}

/** Rows of every view of schema `invariants` under this scope; none means the books hold (MON-14). */
export async function listBreaches(rows: ScopedHandle): Promise<readonly Breach[]> {
  const views = await sql<{
    name: string
  }>`select viewname as name from pg_views where schemaname = 'invariants' order by viewname`.execute(rows)
  const breaches: Breach[] = []
  for (const { name } of views.rows) {
    const found = await sql<Omit<Breach, 'invariant'>>`
      select subject, expected, actual, detail from ${sql.table(`invariants.${name}`)}
      where operator_id = ${rows.scope.operatorId} and mode = ${rows.scope.mode}`.execute(rows)
    breaches.push(...found.rows.map((row) => ({ invariant: name, ...row })))
  }
  return breaches
}

/** What the given rules posted to the given accounts since a local date, by currency; debit positive. */
export async function sumPosted(
  rows: ScopedHandle,
  about: { readonly rules: readonly string[]; readonly accounts: readonly Account[]; readonly since: string },
): Promise<readonly { readonly amountMinor: bigint; readonly currency: string }[]> {
  const found = await rows
    .selectFrom('app.ledger_lines as line')
    .innerJoin('app.ledger_entries as entry', (join) =>
      join
        .onRef('entry.operator_id', '=', 'line.operator_id')
        .onRef('entry.mode', '=', 'line.mode')
        .onRef('entry.id', '=', 'line.entry_id'),
    )
    .select(['line.currency', sql<string>`sum(line.amount_minor)`.as('amount')])
    .where('line.operator_id', '=', rows.scope.operatorId)
    .where('line.mode', '=', rows.scope.mode)
    .where('entry.rule', 'in', about.rules)
    .where('line.account', 'in', about.accounts)
    .where('entry.effective_on', '>=', about.since)
    .groupBy('line.currency')
    .execute()
  return found.map((row) => ({ amountMinor: BigInt(row.amount), currency: row.currency }))
}
