/**
 * The product's own world, written by SQL: operators joined to Stripe accounts, and for `settle` open invoices with payments the bank
 * is still busy with. Ids come from numbers, so that every process knows them; the invariant views judge what was written.
 */
import { createHash } from 'node:crypto'
import { Secret, secretBox, tokenHash } from '../src/platform/index.ts'
import { withClient, type BenchDatabase } from './databases.ts'
import { accountId, amountMinor } from './events.ts'
import { masterKey } from './secrets.ts'

export const operatorCount = 2_000

/** The same in SQL: `md5('operator 7')::uuid`. */
function uuidOf(text: string): string {
  const digest = createHash('md5').update(text).digest('hex')
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export async function seedOperators(database: BenchDatabase): Promise<void> {
  const box = secretBox(Buffer.from(masterKey, 'base64'))
  const connections = Array.from({ length: operatorCount }, (_, index) => {
    const [operatorId, rowId] = [uuidOf(`operator ${index}`), uuidOf(`connection ${index}`)]
    const place = { operatorId, field: 'connections.secret_key', rowId }
    return {
      index,
      operator_id: operatorId,
      connection_id: rowId,
      account: accountId(index),
      key_hash: tokenHash(accountId(index)),
      token: `bench-${rowId}`,
      token_hash: tokenHash(`bench-${rowId}`),
      sealed: box.seal(new Secret('sk_test_bench'), place),
    }
  })
  await withClient(database.ownerUrl, async (client) => {
    await client.query('begin')
    await client.query(
      'create temp table made as select * from jsonb_to_recordset($1::jsonb) as made (index int, operator_id uuid, connection_id uuid, account text, key_hash text, token text, token_hash text, sealed text)',
      [JSON.stringify(connections)],
    )
    for (const statement of operatorStatements) await client.query(statement)
    await client.query('commit')
    await client.query('analyze')
  })
}

const operatorStatements = [
  `insert into app.operators (id, slug, name, created_at) select operator_id, 'bench-' || index, 'Bench Desks ' || index, now() from made`,
  `insert into app.tax_rates (operator_id, id, name, percent, treatment, created_at)
     select operator_id, md5('tax ' || index)::uuid, 'No tax', 0, 'out_of_scope', now() from made`,
  `insert into app.operator_settings (operator_id, legal_name, country, currency, time_zone, default_tax_rate_id, updated_at)
     select operator_id, 'Bench Desks Pty Ltd', 'AU', 'AUD', 'Australia/Sydney', md5('tax ' || index)::uuid, now() from made`,
  `insert into app.locations (operator_id, id, name, time_zone, currency, created_at)
     select operator_id, md5('location ' || index)::uuid, 'Main', 'Australia/Sydney', 'AUD', now() from made`,
  `insert into app.connections (operator_id, mode, id, kind, state, is_charging, stripe_account_id, sends_account_header, secret_key_sealed,
     secret_key_kind, endpoint_token, charges_enabled, payouts_enabled, created_at, updated_at)
     select operator_id, 'test', connection_id, 'connect', 'connected', true, account, true, sealed, 'secret', token, true, true, now(), now()
     from made`,
  `insert into app.routing_keys (kind, mode, key_hash, operator_id, target_id, created_at)
     select 'account', 'test', key_hash, operator_id, connection_id, now() from made
     union all select 'endpoint_token', 'test', token_hash, operator_id, connection_id, now() from made`,
  `insert into app.renters (operator_id, mode, id, number, kind, name, created_at, updated_at)
     select operator_id, 'test', md5('renter ' || index)::uuid, 'R-1', 'person', 'Kim Bench', now(), now() from made`,
]

/**
 * Operators, invoices and payments, as they stand before the first event. Written once the product runs: at its start it looks for
 * unfinished work of every operator in turn, and this is about what events do.
 */
export async function seedBooks(database: BenchDatabase, payments: number): Promise<void> {
  await seedOperators(database)
  await seedInvoices(database, payments)
  await seedPayments(database, payments)
}

/** An open invoice of one line for each payment, posted as the product posts it, shared out over the operators in turn. */
async function seedInvoices(database: BenchDatabase, payments: number): Promise<void> {
  await withClient(database.ownerUrl, async (client) => {
    await client.query('begin')
    for (const statement of invoiceStatements(payments)) await client.query(statement)
    await client.query('commit')
    await client.query('analyze')
  })
}

const due = (
  payments: number,
): string => `(select index, md5('operator ' || index % ${operatorCount})::uuid as operator_id,
    md5('renter ' || index % ${operatorCount})::uuid as renter_id, md5('location ' || index % ${operatorCount})::uuid as location_id,
    md5('connection ' || index % ${operatorCount})::uuid as connection_id, md5('tax ' || index % ${operatorCount})::uuid as tax_rate_id,
    index / ${operatorCount} + 1 as seq, md5('invoice ' || index)::uuid as invoice_id, md5('payment ' || index)::uuid as payment_id,
    md5('entry ' || index)::uuid as entry_id from generate_series(0, ${payments - 1}) as index) due`

function invoiceStatements(payments: number): readonly string[] {
  const from = `from ${due(payments)}`
  return [
    `insert into app.invoices (operator_id, mode, id, kind, status, number, number_seq, renter_id, location_id, currency, issue_on, due_on,
       subtotal_minor, tax_minor, total_minor, stripe_payment_intent_id, finalised_at, created_at, updated_at)
       select operator_id, 'test', invoice_id, 'manual', 'open', 'INV-' || lpad(seq::text, 6, '0'), seq, renter_id, location_id, 'AUD', current_date,
         current_date, ${amountMinor}, 0, ${amountMinor}, 'pi_3Bench' || lpad(index::text, 14, '0'), now(), now(), now() ${from}`,
    `insert into app.invoice_lines (operator_id, mode, invoice_id, line_no, kind, description, unit_minor, net_minor, tax_minor, total_minor,
       tax_rate_id, tax_name) select operator_id, 'test', invoice_id, 1, 'other', 'Desk', ${amountMinor}, ${amountMinor}, 0, ${amountMinor},
         tax_rate_id, 'No tax' ${from}`,
    `insert into app.number_series (operator_id, mode, series, bucket, next_seq)
       select operator_id, 'test', 'invoice', '', max(seq) + 1 ${from} group by operator_id`,
    `insert into app.ledger_entries (operator_id, mode, id, rule, cause_kind, cause_id, cause_step, effective_on, posted_at, actor)
       select operator_id, 'test', entry_id, 'P1', 'invoice', invoice_id::text, 'finalised', current_date, now(), 'bench' ${from}`,
    `insert into app.ledger_lines (operator_id, mode, entry_id, line_no, account, currency, amount_minor, subject_kind, subject_id, renter_id)
       select operator_id, 'test', entry_id, 1, 'receivable', 'AUD', ${amountMinor}, 'invoice', invoice_id::text, renter_id ${from}
       union all select operator_id, 'test', entry_id, 2, 'income.other', 'AUD', -${amountMinor}, 'invoice_line', invoice_id || ':1', renter_id
       ${from}`,
    `insert into app.ledger_balances (operator_id, mode, currency, account, subject_kind, subject_id, balance_minor)
       select operator_id, mode, currency, account, subject_kind, subject_id, amount_minor from app.ledger_lines`,
  ]
}

/** The payments themselves, each `processing` at its bank. */
async function seedPayments(database: BenchDatabase, payments: number): Promise<void> {
  await withClient(database.ownerUrl, async (client) => {
    await client.query(`insert into app.payments (operator_id, mode, id, renter_id, invoice_id, connection_id, method, state, amount_minor, currency,
      stripe_payment_intent_id, requested_by, created_at, updated_at)
      select operator_id, 'test', payment_id, renter_id, invoice_id, connection_id, 'card', 'processing', ${amountMinor}, 'AUD',
        'pi_3Bench' || lpad(index::text, 14, '0'), 'bench', now(), now() from ${due(payments)}`)
    await client.query('analyze app.payments')
  })
}

/** The words of every invariant that does not hold; empty when the books are right. */
export async function listBreaches(database: BenchDatabase): Promise<readonly string[]> {
  return withClient(database.ownerUrl, async (client) => {
    const { rows: views } = await client.query(
      `select viewname from pg_views where schemaname = 'invariants' order by 1`,
    )
    const breaches: string[] = []
    for (const { viewname } of views) {
      const { rows } = await client.query(`select * from invariants.${viewname} limit 3`)
      breaches.push(...rows.map((row) => `${viewname}: ${JSON.stringify(row)}`))
    }
    return breaches
  })
}
