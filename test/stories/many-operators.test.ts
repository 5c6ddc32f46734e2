/**
 * Many operators on one installation, half with their own keys and half connected: what Stripe says of one changes that one alone, to the
 * byte, and what claims to be another's changes nobody (must show 8 of the fourth issue; TRU-9, TRU-55, STR-63). Twenty here; `npm run
 * prove -- operators` shows it with two hundred.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { eventually, expectBooksToHold, startProduct, type Product } from '#test/product'
import { differencesOf, readAllFingerprints, untilAtRest } from './fingerprints.ts'
import {
  catchUp,
  confirmAtBank,
  holdEverything,
  letDeliveriesThrough,
  openTenants,
  payWithMetadataOf,
  untilTried,
  type Tenant,
} from './many-operators.ts'
import { invoiceOf } from './walk.ts'

/** The embedded database has one connection, so there it takes longest; a few show the same. */
const usual = { pglite: 4, postgres: 20 } as const
/** What an event may touch that moves no money and changes nothing anybody owes. */
const marksOfArrival = /^(inbox_|connections$|endpoint_|routing_)/
const resting = new Set(['done', 'quarantined', 'ignored_foreign', 'ignored_unhandled'])

for (const kind of inject('databaseKinds')) {
  const count = Number(process.env['RENTROLL_TEST_OPERATORS'] ?? usual[kind])
  const minutes = 180_000 * Math.max(1, Math.ceil(count / 20))
  describe(`${count} operators of both kinds (${kind})`, { timeout: minutes }, () => {
    let product: Product
    let tenants: readonly Tenant[]
    beforeAll(async () => {
      product = await startProduct(kind, { isPlatform: true })
      tenants = await openTenants(product, count)
    }, minutes)
    afterAll(() => product?.close())

    const atRest = ({ session, operatorId }: Tenant) => untilAtRest(product, session, operatorId)

    test('the news of each payment, delivered once, changes the rows of its own operator and of nobody else', async () => {
      expect(tenants.filter((tenant) => tenant.kind === 'connect')).toHaveLength(Math.floor(count / 2))
      for (const tenant of tenants) await catchUp(product, tenant)
      for (const tenant of tenants) await atRest(tenant)
      await holdEverything(product)
      const tried = []
      for (const tenant of tenants) {
        confirmAtBank(product, tenant)
        tried.push(await untilTried(product, { type: 'payment_intent.succeeded', objectId: tenant.intentId }))
      }
      await letDeliveriesThrough(product)
      let before = await readAllFingerprints(product)
      expect(before.size).toBeGreaterThanOrEqual(count)
      for (const [place, tenant] of tenants.entries()) {
        expect((await invoiceOf(tenant.session, tenant.invoiceId)).label.text).not.toBe('Paid')
        expect(product.sandbox.stripe.resendDelivery(tried[place]!.id)).toBe(true)
        await eventually(
          () => invoiceOf(tenant.session, tenant.invoiceId),
          ({ label }) => label.text === 'Paid',
        )
        await atRest(tenant)
        const after = await readAllFingerprints(product)
        const { [tenant.operatorId]: own = [], ...others } = differencesOf(before, after)
        expect(own, `operator ${place}`).toContain('payments')
        expect(others, `operator ${place}`).toEqual({})
        before = after
      }
    })

    test('a payment in one account with the metadata of another operator is quarantined, and moves nothing of either', async () => {
      let before = await readAllFingerprints(product)
      for (const [place, tenant] of tenants.entries()) {
        // The next one, who is of the other kind.
        const other = tenants[(place + 1) % tenants.length]!
        const intentId = await payWithMetadataOf(product, tenant, other)
        const { rows } = await eventually(
          () => tenant.session.good('GET', `/webhooks/events?limit=100&object=${intentId}`),
          ({ rows: found }) => found.length > 0 && found.every(({ state }: any) => resting.has(state)),
        )
        expect(rows.map(({ state }: any) => state)).toContain('quarantined')
        await atRest(tenant)
        const after = await readAllFingerprints(product)
        const { [tenant.operatorId]: own = [], ...others } = differencesOf(before, after)
        expect(others, `operator ${place}`).toEqual({})
        for (const table of own) expect(table, `operator ${place}`).toMatch(marksOfArrival)
        before = after
      }
    })

    test('TRU-176: the books of each hold, and each account has its own charge', async () => {
      for (const { operatorId, account, session, invoiceId } of tenants) {
        await expectBooksToHold(product, { operatorId, mode: 'test' })
        const { total, payments } = await invoiceOf(session, invoiceId)
        const charges = product.sandbox.stripe.listObjects(account, 'test', 'charge') as any[]
        // What the bank refused before it asked the renter stands there too.
        const ours = charges.filter(
          ({ payment_intent: intent, status }) => payments[0].stripeIds.includes(intent) && status === 'succeeded',
        )
        expect(ours.map(({ amount }) => String(amount))).toEqual([total.amountMinor])
      }
    })
  })
}
