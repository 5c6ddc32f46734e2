/**
 * Tells the owners that a payout failed and why (STR-107, MON-39), from facts; what is said comes from payouts. One mail per payout and
 * address, however its failure became known, and none for one that was made good before this is read.
 */
import { publicId } from '#kernel'
import { getCompany } from '#operators'
import { getFact, type FactName, type ScopedHandle } from '#platform'
import { insertMail } from './store.ts'
import { mailWords, renderMail } from './words.ts'

export const payoutFacts = ['payout.failed'] as const satisfies readonly FactName[]

/** Supplied by the wiring from payouts. */
export type PayoutTellers = {
  /** Undefined when it is no trouble any more. */
  readonly readFailure: (rows: ScopedHandle, payoutId: string) => Promise<PayoutFailureNews | undefined>
}

type PayoutFailureNews = {
  readonly amount: string
  readonly bank: string
  readonly wasPaid: boolean
  readonly cause: string
  readonly nextStep: string
  readonly next: string
}

export async function onPayoutFact(
  rows: ScopedHandle,
  factId: string,
  about: { readonly tellers: PayoutTellers; readonly owners: readonly string[]; readonly publicUrl: string },
): Promise<void> {
  const { ids } = await getFact(rows, factId)
  const payoutId = ids['payout'] ?? ''
  const news = await about.tellers.readFailure(rows, payoutId)
  if (!news) return
  const { slug, name } = await getCompany(rows)
  const { mode } = rows.scope
  const url = `${about.publicUrl}/w/${slug}/bank/payouts/${publicId('payout', payoutId)}?mode=${mode}`
  const words = mailWords.payoutFailed({ ...news, mode, url })
  for (const recipient of about.owners) {
    const id = await insertMail(rows, {
      onceFor: `payout:${payoutId}:${recipient}`,
      recipient,
      subject: words.subject,
      ...renderMail(words, name),
    })
    if (id) await rows.enqueue({ name: 'notifications.send-mail', id })
  }
}
