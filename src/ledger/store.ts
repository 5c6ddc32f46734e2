/** All SQL of the ledger. */
import { sql } from 'kysely'
import type { ScopedHandle } from '#platform'
import { accounts, type Account } from './accounts.ts'
import type { Entry, Line } from './entry.ts'

export type StoredEntry = { readonly id: string; readonly rule: string; readonly lines: readonly Line[] }

/** What one subject of one account comes to after an entry, debit positive. */
export type Balance = {
  readonly account: Account
  readonly subjectId: string
  readonly currency: string
  readonly balanceMinor: bigint
}

/**
 * Entries with their lines and balances in one statement; of an entry whose cause was posted before nothing is written. Balances are
 * locked in one order, so that two entries of one book never wait for each other in a circle.
 * @returns which were new, and the balances they changed.
 */
export async function insertEntries(
  rows: ScopedHandle,
  entries: readonly { readonly id: string; readonly entry: Entry }[],
): Promise<{ readonly inserted: ReadonlySet<string>; readonly balances: readonly Balance[] }> {
  const { operatorId, mode } = rows.scope
  const own = sql`${operatorId}::uuid, ${mode}::text`
  const { rows: found } = await sql<
    { entryId: string | null } & Record<'account' | 'currency' | 'subjectId', string> & { balance: string }
  >`
    with posted as (
      insert into app.ledger_entries (operator_id, mode, id, rule, cause_kind, cause_id, cause_step, effective_on, posted_at,
        reverses_entry_id, actor, memo)
      select ${own}, id, rule, cause_kind, cause_id, cause_step, effective_on, ${rows.clock.now()}::timestamptz, reverses_entry_id, actor, memo
      from jsonb_to_recordset(${JSON.stringify(entries.map(entryColumns))}::jsonb) as entry (id uuid, rule text, cause_kind text,
        cause_id text, cause_step text, effective_on date, reverses_entry_id uuid, actor text, memo text)
      on conflict on constraint ledger_entries_once do nothing returning id
    ), line as (
      select line.* from jsonb_to_recordset(${JSON.stringify(entries.flatMap(lineColumns))}::jsonb) as line (entry_id uuid, line_no integer,
        account text, currency text, amount_minor bigint, subject_kind text, subject_id text, tags jsonb, renter_id uuid, lease_id uuid,
        bt_id text) join posted on posted.id = line.entry_id
    ), written as (
      insert into app.ledger_lines (operator_id, mode, entry_id, line_no, account, currency, amount_minor, subject_kind, subject_id, tags,
        renter_id, lease_id, bt_id)
      select ${own}, entry_id, line_no, account, currency, amount_minor, subject_kind, subject_id, tags, renter_id, lease_id, bt_id from line
    ), balance as (
      insert into app.ledger_balances as known (operator_id, mode, currency, account, subject_kind, subject_id, balance_minor)
      select ${own}, currency, account, subject_kind, subject_id, sum(amount_minor) from line
      group by currency, account, subject_kind, subject_id
      order by currency collate "C", account collate "C", subject_kind collate "C", subject_id collate "C"
      on conflict (operator_id, mode, currency, account, subject_kind, subject_id)
        do update set balance_minor = known.balance_minor + excluded.balance_minor
      returning known.account, known.currency, known.subject_id, known.balance_minor
    )
    select id as "entryId", '' as account, '' as currency, '' as "subjectId", '0' as balance from posted
    union all select null, account, currency, subject_id, balance_minor::text from balance`.execute(rows)
  return {
    inserted: new Set(found.flatMap(({ entryId }) => entryId ?? [])),
    balances: found
      .filter(({ entryId }) => entryId === null)
      .map(({ account, currency, subjectId, balance }) => ({
        account: account as Account,
        currency,
        subjectId,
        balanceMinor: BigInt(balance),
      })),
  }
}

function entryColumns({ id, entry }: { readonly id: string; readonly entry: Entry }) {
  return {
    id,
    rule: entry.rule,
    cause_kind: entry.cause.kind,
    cause_id: entry.cause.id,
    cause_step: entry.cause.step,
    effective_on: entry.effectiveOn,
    reverses_entry_id: entry.reversesEntryId,
    actor: entry.actor,
    memo: entry.memo ?? '',
  }
}

function lineColumns({ id, entry }: { readonly id: string; readonly entry: Entry }) {
  return entry.lines.map((line, index) => ({
    entry_id: id,
    line_no: index + 1,
    account: line.account,
    currency: line.currency,
    amount_minor: line.amountMinor.toString(),
    subject_kind: accounts[line.account].subject,
    subject_id: line.subjectId,
    tags: line.tags ?? {},
    renter_id: line.renterId,
    lease_id: line.leaseId,
    bt_id: line.balanceTransactionId,
  }))
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
