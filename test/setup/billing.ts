/** An invoice of 310.00: rent 100.00 with 10 % tax, and a deposit of 200.00; and short ways to look at it. */
import { inScope, listFacts, type ScopedHandle } from '#platform'
import { readBalance, type Account } from '#ledger'
import type { TestGround } from './databases.ts'
import { checkOut, makeRental, valueOf, type Rental, type RentalWish } from './rental.ts'

export function billingOf(ground: () => TestGround) {
  const rent = async (wish: RentalWish = {}) => {
    const rental = await makeRental(ground(), wish)
    const { leaseId, invoiceId } = valueOf(await checkOut(ground(), rental))
    return { ...rental, leaseId, invoiceId }
  }
  const within = <Result>(rental: Pick<Rental, 'scope'>, work: (rows: ScopedHandle) => Promise<Result>) =>
    inScope(ground().database, rental.scope, work)
  const balance = (rows: ScopedHandle, account: Account, subjectId: string) =>
    readBalance(rows, { account, subjectId, currency: 'AUD' })
  const factsOf = async (rows: ScopedHandle, invoice: string) =>
    (await listFacts(rows, { invoice })).map(({ name }) => name)
  return { rent, within, balance, factsOf }
}
