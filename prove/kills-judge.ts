/** What has to be true after the kills: nothing lost and nothing twice, whoever died holding it. */
import type pg from 'pg'
import { amountMinor, listBreaches } from './back-fill-seed.ts'
import type { ProofReport } from './options.ts'
import type { Sent } from './stripe-sender.ts'

export type Storm = {
  readonly payments: number
  /** Every event that happened and is subscribed to. */
  readonly happened: ReadonlySet<string>
  readonly sent: Sent
}

export async function judgeKills(client: pg.Client, ownerUrl: string, storm: Storm): Promise<ProofReport> {
  const inbox = await judgeInbox(client, storm)
  const effects = await judgeEffects(client, storm.payments)
  return {
    lines: [...inbox.lines, ...effects.lines],
    breaches: [...inbox.breaches, ...effects.breaches, ...(await listBreaches(ownerUrl))],
  }
}

/** Each event that happened is there once, ended, and counts at least as many deliveries as were acknowledged. */
async function judgeInbox(client: pg.Client, { happened, sent }: Storm): Promise<ProofReport> {
  const { rows } = await client.query<{
    event_id: string
    via: string
    state: string
    reason: string
    deliveries: number
  }>('select event_id, via, state, reason, deliveries from app.inbox_events')
  const kept = Map.groupBy(rows, ({ event_id }) => event_id)
  const lost = [...sent.acknowledged.keys()].filter((id) => !kept.has(id))
  const missing = [...happened].filter((id) => !kept.has(id))
  const doubled = [...kept.values()].filter(({ length }) => length > 1).flat()
  const isEnded = (row: (typeof rows)[number]): boolean =>
    row.state === 'done' || (row.state.startsWith('ignored') && row.reason !== '')
  const unended = rows.filter((row) => !isEnded(row))
  const forgotten = rows.filter(({ event_id, deliveries }) => deliveries < (sent.acknowledged.get(event_id) ?? 0))
  const invented = rows.filter(({ event_id }) => !happened.has(event_id))
  const polled = rows.filter(({ via }) => via === 'poll')
  const droppedFound = polled.filter(({ event_id }) => sent.dropped.has(event_id))
  return {
    lines: [
      `Inbox: ${rows.length} events of ${happened.size} that happened, ${droppedFound.length} of ${sent.dropped.size} dropped ones fetched by polling (${polled.length} found by polling first)`,
      `Acknowledged and lost: ${lost.length}. Kept twice: ${doubled.length}. Not ended: ${unended.length}. Uncounted deliveries: ${forgotten.length}`,
    ],
    breaches: [
      ...lost.map((id) => `acknowledged and lost: ${id}`),
      ...missing.map((id) => `never came: ${id}`),
      ...[
        ['kept twice', doubled] as const,
        ['not ended', unended] as const,
        ['fewer deliveries than were acknowledged', forgotten] as const,
        ['never happened', invented] as const,
      ].flatMap(([what, found]) => found.slice(0, 5).map((row) => `${what}: ${JSON.stringify(row)}`)),
    ],
  }
}

/** What one payment that succeeded has caused; each of these once for each payment. */
const perPayment = {
  'payments succeeded': `select count(*) from app.payments where state = 'succeeded'`,
  'invoices paid': `select count(*) from app.invoices where status = 'paid'`,
  'allocations in full': `select count(*) from app.allocations where amount_minor = ${amountMinor}`,
  allocations: 'select count(*) from app.allocations',
  'invoices with an allocation': 'select count(distinct invoice_id) from app.allocations',
  'facts of settlement': `select count(*) from app.facts where name = 'payment.settled'`,
  'payments with a fact of settlement': `select count(distinct ids->>'payment') from app.facts where name = 'payment.settled'`,
  'facts of a paid invoice': `select count(*) from app.facts where name = 'invoice.paid'`,
}

async function judgeEffects(client: pg.Client, payments: number): Promise<ProofReport> {
  const parts = Object.entries(perPayment).map(([name, text]) => `(${text})::int as "${name}"`)
  const { rows: counts } = await client.query<Record<string, number>>(`select ${parts.join(', ')}`)
  const { rows: entries } = await client.query<{ rule: string; times: number; causes: number }>(
    `select rule, count(*)::int as times, count(distinct (cause_kind, cause_id))::int as causes from app.ledger_entries group by 1 order by 1`,
  )
  const { rows: sums } = await client.query<{ total: string; receivable: string; left_over: string }>(
    `select coalesce(sum(amount_minor), 0) as total,
       coalesce(sum(amount_minor) filter (where account = 'receivable'), 0) as receivable,
       coalesce(sum(amount_minor) filter (where account in ('charges_unsettled', 'unapplied_payments')), 0) as left_over
     from app.ledger_lines`,
  )
  const posted = entries.map(({ rule, times }) => `${rule} ${times}`).join(', ')
  return {
    lines: [`Effects of ${payments} payments: each settled, paid and allocated once; ledger entries ${posted}`],
    breaches: [
      ...Object.entries(counts[0] ?? {})
        .filter(([, count]) => count !== payments)
        .map(([name, count]) => `${count} ${name} instead of ${payments}`),
      ...entries
        .filter(({ times, causes }) => times !== payments || causes !== payments)
        .map((entry) => `not posted once for each payment: ${JSON.stringify(entry)}`),
      ...Object.entries(sums[0] ?? {})
        .filter(([, sum]) => Number(sum) !== 0)
        .map(([name, sum]) => `the ledger's ${name} is ${sum} and not zero`),
    ],
  }
}
