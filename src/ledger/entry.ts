/**
 * What an entry is before it is written, and the questions that must hold (MON-3). Positive is debit, negative is credit. Pure.
 */
import { assert } from '#kernel'
import { accounts, isAccount, type Account } from './accounts.ts'

export type Line = {
  readonly account: Account
  readonly currency: string
  /** Signed minor units: positive debit, negative credit, never zero. */
  readonly amountMinor: bigint
  /** The id of what the account's subject names: an invoice, a payment, a balance transaction … */
  readonly subjectId: string
  /** Further words for reports, such as the tax rate or the method of a manual receipt. */
  readonly tags?: Readonly<Record<string, string>>
  readonly renterId?: string
  readonly leaseId?: string
  readonly balanceTransactionId?: string
}

export type Entry = {
  /** The posting rule of money.md §1.3, such as `P1`. */
  readonly rule: string
  /** What caused it; posting the same cause twice posts once (MON-4). */
  readonly cause: { readonly kind: string; readonly id: string; readonly step: string }
  /** Local date of the location. */
  readonly effectiveOn: string
  readonly lines: readonly Line[]
  readonly actor: string
  readonly memo?: string
  readonly reversesEntryId?: string
}

/** Lines of zero are left out by the rules that compute them; one that arrives here is a mistake. @throws on any broken rule. */
export function assertPostable(entry: Entry): void {
  assert(entry.lines.length >= 2, `${entry.rule} has fewer than two lines`)
  const sums = new Map<string, bigint>()
  for (const line of entry.lines) {
    assert(isAccount(line.account), `${entry.rule} names an unknown account ${String(line.account)}`)
    assert(line.amountMinor !== 0n, `${entry.rule} has a line of zero on ${line.account}`)
    assert(
      line.subjectId !== '',
      `${entry.rule} has a line without its ${accounts[line.account].subject} on ${line.account}`,
    )
    sums.set(line.currency, (sums.get(line.currency) ?? 0n) + line.amountMinor)
  }
  for (const [currency, sum] of sums) assert(sum === 0n, `${entry.rule} does not balance in ${currency}: ${sum}`)
  assert(sums.size === 1 || entry.rule === 'P32', `${entry.rule} touches more than one currency`)
}

/** The lines with a sign turned: how a correction is made (MON-5). */
export function mirrored(lines: readonly Line[]): Line[] {
  return lines.map((line) => ({ ...line, amountMinor: -line.amountMinor }))
}
