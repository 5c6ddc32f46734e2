/**
 * The only way out over HTTP. It refuses to run while a transaction is open (ARC-23): a transaction never spans a network call,
 * because a slow answer would hold locks, and on the embedded database it would hold everything.
 */
import { AsyncLocalStorage } from 'node:async_hooks'

const openTransaction = new AsyncLocalStorage<string>()

/** Marks everything awaited inside `work` as standing in a transaction. */
export function markTransaction<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  return openTransaction.run(what, work)
}

/** @throws when called inside a transaction; the message names both sides. */
export function assertNoTransaction(what: string): void {
  const holder = openTransaction.getStore()
  if (holder)
    throw new Error(`${what} inside a transaction (${holder}). Read or call first, then open the transaction.`)
}

/** Global fetch behind the guard; used by the Stripe SDK's fetch client and by our own calls. */
export const guardedFetch: typeof fetch = (input, init) => {
  assertNoTransaction('outgoing HTTP')
  return fetch(input, init)
}
