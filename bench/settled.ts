/** What has to be true after `settle`: the same as if each payment had been settled alone and in order (PERF-4). */
import { runSql, type BenchDatabase } from './databases.ts'
import { amountMinor, feeMinor } from './events.ts'
import type { ServerProcess } from './processes.ts'
import { listBreaches, operatorCount } from './seed.ts'

const giveUpAfterMs = 60_000

/** Returns when every payment is settled and no event waits any more. @throws when nothing moves for a minute. */
export async function waitUntilSettled(
  database: BenchDatabase,
  { payments, server }: { payments: number; server: ServerProcess },
): Promise<void> {
  let last = ''
  let movedAt = performance.now()
  for (;;) {
    server.assertAlive()
    const [row] = await runSql(
      database.ownerUrl,
      `select (select count(*) from app.payments where state = 'succeeded') as settled,
         (select count(*) from app.inbox_events where state in ('received', 'processing', 'retry', 'parked')) as waiting`,
    )
    const now = `${row?.['settled']} settled, ${row?.['waiting']} events waiting`
    if (Number(row?.['settled']) === payments && Number(row?.['waiting']) === 0) return
    if (now !== last) movedAt = performance.now()
    if (performance.now() - movedAt > giveUpAfterMs)
      throw new Error(`Nothing moves any more: ${now}, of ${payments} payments. ${await describeStates(database)}`)
    last = now
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

async function describeStates(database: BenchDatabase): Promise<string> {
  const rows = await runSql(
    database.ownerUrl,
    'select state, type, left(reason, 120) as reason, count(*) from app.inbox_events group by 1, 2, 3 order by 4 desc limit 8',
  )
  return rows.map((row) => `${row['count']} ${row['type']} ${row['state']}: ${row['reason']}`).join('; ')
}

/** @throws with everything that is not as the sequential oracle has it. */
export async function checkSettled(
  database: BenchDatabase,
  { payments, deliveries }: { payments: number; deliveries: number },
): Promise<void> {
  const faults = [
    ...(await checkCounts(database, payments, deliveries)),
    ...(await checkBooks(database, payments)),
    ...(await listBreaches(database)),
  ]
  if (faults.length > 0) throw new Error(`settle came out wrong: ${faults.slice(0, 8).join('; ')}`)
}

async function checkCounts(database: BenchDatabase, payments: number, deliveries: number): Promise<readonly string[]> {
  const [row] = await runSql(
    database.ownerUrl,
    `select (select count(*) from app.payments where state = 'succeeded' and fee_minor = ${feeMinor}) as payments,
       (select count(*) from app.invoices where status = 'paid') as invoices,
       (select count(*) from app.allocations where amount_minor = ${amountMinor}) as allocations,
       (select count(distinct invoice_id) from app.allocations) as "allocated invoices",
       (select count(*) from app.facts where name = 'payment.settled') as "facts of settlement",
       (select count(*) from app.inbox_events) as events,
       (select count(*) from app.inbox_events where state = 'done' or state like 'ignored%') as "ended events",
       (select sum(deliveries) from app.inbox_events) as deliveries`,
  )
  const expected = (name: string): number => {
    if (name === 'deliveries') return deliveries
    return name.includes('events') ? 4 * payments : payments
  }
  return Object.entries(row ?? {}).flatMap(([name, value]) =>
    Number(value) === expected(name) ? [] : [`${value} ${name} instead of ${expected(name)}`],
  )
}

/** What each account of each operator comes to when its payments are settled one after the other. */
async function checkBooks(database: BenchDatabase, payments: number): Promise<readonly string[]> {
  const rows = await runSql(
    database.ownerUrl,
    'select operator_id, account, sum(amount_minor) as total from app.ledger_lines group by 1, 2',
  )
  const operators = await runSql(
    database.ownerUrl,
    `select id, substring(slug from 7)::int as index from app.operators where slug like 'bench-%'`,
  )
  const found = new Map(rows.map((row) => [`${row['operator_id']} ${row['account']}`, Number(row['total'])]))
  const perPayment = {
    receivable: 0,
    charges_unsettled: 0,
    unapplied_payments: 0,
    'income.other': -amountMinor,
    stripe_clearing: amountMinor - feeMinor,
    stripe_fees: feeMinor,
  }
  return operators.flatMap((operator) => {
    const index = Number(operator['index'])
    const count = Math.floor(payments / operatorCount) + (index < payments % operatorCount ? 1 : 0)
    return Object.entries(perPayment).flatMap(([account, each]) => {
      const total = found.get(`${operator['id']} ${account}`) ?? 0
      return total === each * count ? [] : [`${account} of operator ${index} is ${total} instead of ${each * count}`]
    })
  })
}
