/**
 * The ledger: double entry, append-only. It owns the chart of accounts, the writing of balanced entries and the balances of every
 * subject. It does not know what an invoice or a payment is; the modules that do post here in the transaction of their change.
 */
export { accounts, type Account } from './accounts.ts'
export type { Entry, Line } from './entry.ts'
export { findPosted, post, postAll, reverse } from './post.ts'
export { listAccountBalances, listBreaches, readBalance, sumPosted, type Balance, type Breach } from './store.ts'
