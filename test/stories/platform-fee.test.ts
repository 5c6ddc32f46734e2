/**
 * What an installation takes of the payments of connected accounts (STR-16): frozen with the first call, booked as Stripe reports it, given
 * back with a refund unless the installation keeps it, and never asked of anybody with own keys.
 */
import { expect, test } from 'vitest'
import { inScope } from '#platform'
import { eachProduct, eventually, expectBooksToHold, requestKey, type Product, type Session } from '#test/product'
import { onboarded, status } from './connected.ts'
import { control } from './faulty.ts'
import { operatorIdOf } from './fingerprints.ts'
import {
  cardOnFile,
  checkOut,
  connectStripe,
  furnish,
  invoiceOf,
  labelled,
  sandboxKeys,
  saveCard,
  signUp,
} from './walk.ts'

eachProduct(
  'the platform fee',
  (product) => {
    /** As if the installation had been started again with another setting. */
    const setFee = (basisPoints: number, isKeptOnRefund = false) =>
      Object.assign(product().ground, { platformFee: { basisPoints, isKeptOnRefund } })
    const listed = (account: string, kind: 'charge' | 'balance_transaction') =>
      product().sandbox.stripe.listObjects(account, 'test', kind) as any[]

    async function pay(session: Session) {
      const set = await furnish(session, { monthly: '99.99' })
      await saveCard(session, product(), set.renterId)
      await cardOnFile(session, set.renterId)
      return checkOut(session, set)
    }

    async function refund(session: Session, invoiceId: string, amount: string) {
      const { payments } = await invoiceOf(session, invoiceId)
      const wish = { requestKey: requestKey(), paymentId: payments[0].id, amount, reason: 'Too warm' }
      await session.good('POST', `/invoices/${invoiceId}/refund`, wish)
      await eventually(
        () => invoiceOf(session, invoiceId),
        ({ refunds }) => refunds.length > 0 && refunds.every(({ state }: any) => state === 'succeeded'),
      )
    }

    test('STR-16 P7 P19 UI-149: rounded down, told before and after connecting, booked, and its part given back', async () => {
      setFee(150)
      const words = '1.5 % of each payment, rounded down. A refund gives its part back.'
      expect(await (await signUp(product())).good('GET', '/connect')).toMatchObject({
        state: 'none',
        platformFee: words,
      })
      const { session, accountId } = await onboarded(product())
      expect(await status(session, 'active')).toMatchObject({ platformFee: words })
      await control(product(), 'POST', '/funds', {
        account: accountId,
        mode: 'test',
        currency: 'aud',
        amountMinor: 90_000,
      })

      const { invoiceId } = await pay(session)
      await labelled(session, invoiceId, 'Paid')
      // 1.5 % of 309.99 is 4.64985.
      expect(listed(accountId, 'charge')).toMatchObject([{ amount: 30_999, application_fee_amount: 464 }])
      await eventually(
        () => feesOf(product(), session),
        (lines) => lines.length > 0,
      )
      expect(await feesOf(product(), session)).toEqual(['P7 464'])

      await refund(session, invoiceId, '100.00')
      // Stripe gives back by share, half up: 464 × 10000 / 30999.
      expect(await feesOf(product(), session)).toEqual(['P7 464', 'P19 -150'])
      await refund(session, invoiceId, '209.99')
      expect(await feesOf(product(), session)).toEqual(['P7 464', 'P19 -150', 'P19 -314'])
      await expectBooksToHold(product(), { operatorId: await operatorIdOf(product(), session), mode: 'test' })
    })

    test('STR-16 STR-77: a lost request is sent again with the fee it was planned with, whatever is set by then', async () => {
      setFee(150)
      const { session, accountId } = await onboarded(product())
      await status(session, 'active')
      const set = await furnish(session)
      await saveCard(session, product(), set.renterId)
      await cardOnFile(session, set.renterId)
      const match = { method: 'POST', path: '/v1/payment_intents$', account: accountId }
      await control(product(), 'POST', '/faults', { where: 'api', match, effect: 'drop_before', times: 2 })
      const { invoiceId } = await checkOut(session, set)
      await eventually(
        () => invoiceOf(session, invoiceId),
        ({ payments }) => payments[0]?.state === 'unknown',
      )
      setFee(900, true)
      await control(product(), 'DELETE', '/faults')

      await labelled(session, invoiceId, 'Paid', 60_000)

      expect(listed(accountId, 'charge')).toMatchObject([{ amount: 31_000, application_fee_amount: 465 }])
      // Kept by then: nothing of it comes back with the refund.
      await control(product(), 'POST', '/funds', {
        account: accountId,
        mode: 'test',
        currency: 'aud',
        amountMinor: 90_000,
      })
      await refund(session, invoiceId, '100.00')
      expect(await feesOf(product(), session)).toEqual(['P7 465'])
      await expectBooksToHold(product(), { operatorId: await operatorIdOf(product(), session), mode: 'test' })
    })

    test('STR-16: nothing is taken from somebody with own keys, and nothing asked back with a refund', async () => {
      setFee(150)
      const session = await signUp(product())
      await connectStripe(session, product())
      const { accountId } = sandboxKeys(product())
      await control(product(), 'POST', '/funds', {
        account: accountId,
        mode: 'test',
        currency: 'aud',
        amountMinor: 90_000,
      })
      const { invoiceId } = await pay(session)
      await labelled(session, invoiceId, 'Paid')
      await refund(session, invoiceId, '10.00')
      expect(listed(accountId, 'charge').filter(({ application_fee_amount: fee }) => fee !== null)).toEqual([])
      expect(await feesOf(product(), session)).toEqual([])
    })
  },
  { isPlatform: true, platformFee: '150' },
)

/** What stands in the account of fees for the platform, in the order of posting. */
async function feesOf(product: Product, session: Session): Promise<readonly string[]> {
  const scope = { operatorId: await operatorIdOf(product, session), mode: 'test' as const }
  const found = await inScope(product.ground.database, scope, (rows) =>
    rows
      .selectFrom('app.ledger_lines as line')
      .innerJoin('app.ledger_entries as entry', (join) =>
        join
          .onRef('entry.operator_id', '=', 'line.operator_id')
          .onRef('entry.mode', '=', 'line.mode')
          .onRef('entry.id', '=', 'line.entry_id'),
      )
      .select(['entry.rule', 'line.amount_minor'])
      .where('line.operator_id', '=', scope.operatorId)
      .where('line.account', '=', 'application_fees')
      .orderBy('entry.id')
      .execute(),
  )
  return found.map((line) => `${line['rule']} ${line['amount_minor']}`)
}
