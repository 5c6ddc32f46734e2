/**
 * One operator in live mode with open invoices whose payments wait at Stripe, written by SQL as the product writes it; the invariant
 * views judge it at the end. Ids come from numbers, so that what is at Stripe can name them before they are written.
 */
import { createHash } from 'node:crypto'
import pg from 'pg'
import { Secret, tokenHash, type SecretBox } from '../src/platform/index.ts'

export const masterKey = Buffer.alloc(32, 7).toString('base64')
export const amountMinor = 12_300

function uuidOf(text: string): string {
  const digest = createHash('md5').update(text).digest('hex')
  return digest.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

export const operatorId = uuidOf('operator')
export const paymentIdOf = (place: number): string => uuidOf(`payment ${place}`)

export async function seedOperator(ownerUrl: string, about: { box: SecretBox; secretKey: string }): Promise<void> {
  const rowId = uuidOf('connection')
  const sealed = about.box.seal(new Secret(about.secretKey), { operatorId, field: 'connections.secret_key', rowId })
  await within(ownerUrl, async (client) => {
    for (const statement of operatorStatements) await client.query(statement)
    await client.query(
      `insert into app.connections (operator_id, mode, id, kind, state, is_charging, secret_key_sealed, secret_key_kind, endpoint_token,
         charges_enabled, payouts_enabled, created_at, updated_at)
       select md5('operator')::uuid, 'live', md5('connection')::uuid, 'own_keys', 'connected', true, $1, 'secret', 'prove', true, true, now(), now()`,
      [sealed],
    )
  })
}

const operatorStatements = [
  `insert into app.operators (id, slug, name, created_at) select md5('operator')::uuid, 'prove', 'Prove Desks', now()`,
  `insert into app.tax_rates (operator_id, id, name, percent, treatment, created_at)
     select md5('operator')::uuid, md5('tax')::uuid, 'No tax', 0, 'out_of_scope', now()`,
  `insert into app.operator_settings (operator_id, legal_name, country, currency, time_zone, default_tax_rate_id, updated_at)
     select md5('operator')::uuid, 'Prove Desks Pty Ltd', 'AU', 'AUD', 'Australia/Sydney', md5('tax')::uuid, now()`,
  `insert into app.locations (operator_id, id, name, time_zone, currency, created_at)
     select md5('operator')::uuid, md5('location')::uuid, 'Main', 'Australia/Sydney', 'AUD', now()`,
  `insert into app.renters (operator_id, mode, id, number, kind, name, created_at, updated_at)
     select md5('operator')::uuid, 'live', md5('renter')::uuid, 'R-1', 'person', 'Kim Prove', now(), now()`,
]

/** The operator's own address and its signing secret, as if they had been pasted. */
export async function seedEndpoint(
  ownerUrl: string,
  about: { box: SecretBox; token: string; webhookSecret: string },
): Promise<void> {
  const id = uuidOf('endpoint secret')
  const secret = new Secret(about.webhookSecret)
  const sealed = about.box.seal(secret, { operatorId, field: 'endpoint_secrets.sealed', rowId: id })
  await within(ownerUrl, async (client) => {
    await client.query('update app.connections set endpoint_token = $1', [about.token])
    await client.query(
      `insert into app.endpoint_secrets (operator_id, mode, id, connection_id, sealed, fingerprint, last4, source, not_before, created_by)
         values ($1, 'live', $2, md5('connection')::uuid, $3, $4, $5, 'pasted', now(), 'prove')`,
      [operatorId, id, sealed, about.box.fingerprint(secret), about.webhookSecret.slice(-4)],
    )
    await client.query(
      `insert into app.routing_keys (kind, mode, key_hash, operator_id, target_id, created_at)
         values ('endpoint_token', 'live', $1, $2, md5('connection')::uuid, now())`,
      [tokenHash(about.token), operatorId],
    )
  })
}

type Seeded = {
  /** The number of the first one. */
  readonly from?: number
  readonly state?: 'requires_action' | 'processing'
}

/** An open invoice of one line for each intent, posted, and its payment, which waits for the renter or for the bank. */
export async function seedPayments(
  ownerUrl: string,
  intents: readonly string[],
  { from = 0, state = 'requires_action' }: Seeded = {},
): Promise<void> {
  await within(ownerUrl, async (client) => {
    await client.query(
      `create temp table due as select place, intent, $3 as state, md5('operator')::uuid as operator_id, md5('renter')::uuid as renter_id,
         md5('invoice ' || place)::uuid as invoice_id, md5('payment ' || place)::uuid as payment_id, md5('entry ' || place)::uuid as entry_id
         from (select intent, nth - 1 + $2::int as place from unnest($1::text[]) with ordinality as given (intent, nth)) numbered`,
      [intents, from, state],
    )
    for (const statement of paymentStatements) await client.query(statement)
    await client.query('analyze')
  })
}

const paymentStatements = [
  `insert into app.invoices (operator_id, mode, id, kind, status, number, number_seq, renter_id, location_id, currency, issue_on, due_on,
     subtotal_minor, tax_minor, total_minor, stripe_payment_intent_id, finalised_at, created_at, updated_at)
     select operator_id, 'live', invoice_id, 'manual', 'open', 'INV-' || lpad((place + 1)::text, 6, '0'), place + 1, renter_id, md5('location')::uuid,
       'AUD', current_date, current_date, ${amountMinor}, 0, ${amountMinor}, intent, now(), now(), now() from due`,
  `insert into app.invoice_lines (operator_id, mode, invoice_id, line_no, kind, description, unit_minor, net_minor, tax_minor, total_minor,
     tax_rate_id, tax_name) select operator_id, 'live', invoice_id, 1, 'other', 'Desk', ${amountMinor}, ${amountMinor}, 0, ${amountMinor},
       md5('tax')::uuid, 'No tax' from due`,
  `insert into app.number_series (operator_id, mode, series, bucket, next_seq)
     select md5('operator')::uuid, 'live', 'invoice', '', max(place) + 2 from due
     on conflict (operator_id, mode, series, bucket) do update set next_seq = excluded.next_seq`,
  `insert into app.ledger_entries (operator_id, mode, id, rule, cause_kind, cause_id, cause_step, effective_on, posted_at, actor)
     select operator_id, 'live', entry_id, 'P1', 'invoice', invoice_id::text, 'finalised', current_date, now(), 'prove' from due`,
  `insert into app.ledger_lines (operator_id, mode, entry_id, line_no, account, currency, amount_minor, subject_kind, subject_id, renter_id)
     select operator_id, 'live', entry_id, 1, 'receivable', 'AUD', ${amountMinor}, 'invoice', invoice_id::text, renter_id from due
     union all select operator_id, 'live', entry_id, 2, 'income.other', 'AUD', -${amountMinor}, 'invoice_line', invoice_id || ':1', renter_id
     from due`,
  `insert into app.ledger_balances (operator_id, mode, currency, account, subject_kind, subject_id, balance_minor)
     select operator_id, mode, currency, account, subject_kind, subject_id, amount_minor
       from app.ledger_lines join due using (operator_id, entry_id)`,
  `insert into app.payments (operator_id, mode, id, renter_id, invoice_id, connection_id, method, state, amount_minor, currency,
     stripe_payment_intent_id, requested_by, created_at, updated_at)
     select operator_id, 'live', payment_id, renter_id, invoice_id, md5('connection')::uuid, 'card', state, ${amountMinor}, 'AUD',
       intent, 'prove', now(), now() from due`,
]

/** The words of every invariant that does not hold; empty when the books are right. */
export function listBreaches(ownerUrl: string): Promise<readonly string[]> {
  return within(ownerUrl, async (client) => {
    const { rows: views } = await client.query<{ viewname: string }>(
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

async function within<Result>(ownerUrl: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } finally {
    await client.end()
  }
}
