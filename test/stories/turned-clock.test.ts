/**
 * SBX-39: a month turned at once and a month turned day by day leave the same ledger, the same mails and the same states. Two whole
 * products live the same month, each with what time does to an operator: funds that arrive, a hold that ends, a lease that begins.
 */
import { expect, inject, test } from 'vitest'
import { inScope } from '#platform'
import { eventually, requestKey, startProduct, type Product, type Session } from '#test/product'
import { operatorIdOf } from './fingerprints.ts'
import { cardOnFile, checkOut, connectStripe, furnish, labelled, saveCard, signUp } from './walk.ts'

const dayMs = 86_400_000

async function turn(product: Product, wish: object): Promise<any> {
  const reply = await fetch(`${product.sandbox.url}/_sandbox/clock`, { method: 'POST', body: JSON.stringify(wish) })
  const body: any = await reply.json()
  expect(reply.status, JSON.stringify(body)).toBe(200)
  return body
}

/** A morning in Sydney that lies ahead of both, and is the same for both, however long the first one takes. */
function morning(): Date {
  const today = Math.floor(performance.timeOrigin / dayMs) * dayMs
  return new Date(today + 3 * dayMs - 2 * 3_600_000)
}

type Scene = { readonly session: Session; readonly operatorId: string }

async function prepare(product: Product, from: Date): Promise<Scene> {
  await turn(product, { set: from.toISOString(), freeze: true })
  const session = await signUp(product, 'Month Desks')
  await connectStripe(session, product)
  const on = (days: number) => new Date(from.getTime() + days * dayMs + 10 * 3_600_000).toISOString().slice(0, 10)
  const paying = await furnish(session, { tag: 'Paying' })
  await saveCard(session, product, paying.renterId)
  await cardOnFile(session, paying.renterId)
  const { invoiceId } = await checkOut(session, paying, { startOn: on(0) })
  const paid = await labelled(session, invoiceId, 'Paid')
  await session.good('POST', `/invoices/${invoiceId}/refund`, {
    requestKey: requestKey(),
    paymentId: paid.payments[0].id,
    amount: '50.00',
    reason: 'Too much',
    whenShort: 'send',
  })
  await checkOut(session, await furnish(session, { tag: 'Manual', manual: true }), { startOn: on(0) })
  const declined = await furnish(session, { tag: 'Declined' })
  await saveCard(session, product, declined.renterId, '4000000000000341')
  await cardOnFile(session, declined.renterId)
  const unpaid = await checkOut(session, declined, { startOn: on(0) })
  await labelled(session, unpaid.invoiceId, 'Payment Failed')
  await checkOut(session, await furnish(session, { tag: 'Later', manual: true }), { startOn: on(10) })
  await eventually(
    () => session.good('GET', `/invoices/${invoiceId}`),
    ({ refunds }) => refunds.length === 1 && refunds[0].state !== 'requested',
  )
  return { session, operatorId: await operatorIdOf(product, session) }
}

/** Everything a month leaves behind, without the ids that differ by chance. */
async function whatIsLeft(product: Product, { operatorId }: Scene): Promise<unknown> {
  const left = await inScope(product.ground.database, { operatorId, mode: 'test' }, async (rows) => {
    const ledger = await rows
      .selectFrom('app.ledger_lines as l')
      .innerJoin('app.ledger_entries as e', 'e.id', 'l.entry_id')
      .select(['e.rule', 'e.effective_on as on', 'e.posted_at as at', 'l.account', 'l.amount_minor as minor'])
      .execute()
    const invoices = await rows
      .selectFrom('app.invoices')
      .select(['number', 'status', 'total_minor as total'])
      .orderBy('number')
      .execute()
    const leases = await rows.selectFrom('app.leases').select(['state', 'start_on as on']).execute()
    const refunds = await rows.selectFrom('app.refunds').select(['state', 'amount_minor as minor']).execute()
    const facts = await rows.selectFrom('app.facts').select('name').execute()
    return { ledger, invoices, leases, refunds, facts }
  })
  const reply = await fetch(`${product.sandbox.url}/_sandbox/mail?limit=5000`, {
    headers: { Accept: 'application/json' },
  })
  const { messages } = (await reply.json()) as { messages: { subject: string; receivedAt: string }[] }
  // Diagnosis looks every half minute of real time: whether it meets a trouble of a few turned minutes is chance.
  const told = messages.filter(({ subject }) => !subject.endsWith('(Stripe, test mode)'))
  const mails = told.map(
    ({ subject, receivedAt }) => `${receivedAt} ${subject.replace(/Fresh \d+ \w+/, 'Fresh Desks')}`,
  )
  const text = (value: unknown) =>
    JSON.stringify(value, (_key, held: unknown) => (typeof held === 'bigint' ? String(held) : held))
  const sorted = Object.entries({ ...left, mails }).map(([name, list]) => [name, list.map(text).toSorted()])
  return Object.fromEntries(sorted)
}

async function liveOneMonth(from: Date, turns: readonly string[]): Promise<{ left: any; now: string }> {
  const product = await startProduct(inject('databaseKinds')[0]!)
  try {
    const scene = await prepare(product, from)
    for (const advance of turns) await turn(product, { advance })
    const left = await whatIsLeft(product, scene)
    return { left, now: product.clock.now().toISOString() }
  } finally {
    await product.close()
  }
}

test(
  'SBX-39: 31 days in one call and 31 calls of one day leave the same ledger, mails and states',
  { timeout: 600_000 },
  async () => {
    const from = morning()

    const atOnce = await liveOneMonth(from, ['P31D'])
    const daily = await liveOneMonth(
      from,
      Array.from({ length: 31 }, () => 'P1D'),
    )

    expect(daily).toEqual(atOnce)
    expect(atOnce.now).toBe(new Date(from.getTime() + 31 * dayMs).toISOString())
    expect(atOnce.left.refunds).toEqual(['{"state":"succeeded","minor":"5000"}'])
    expect(atOnce.left.leases.map((lease: string) => JSON.parse(lease).state)).toEqual([
      'abandoned',
      'active',
      'active',
      'active',
    ])
  },
)
