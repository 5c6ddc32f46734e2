/**
 * D6: a payout that failed, by event or by poll, also after it was paid (STR-107). Pure; what is said comes from payouts, so that the check,
 * the page of the payout and the mail never differ. What surprises: it needs no connection with own keys, and it closes when a later payout
 * of the currency is on its way or the bank account is another one.
 */
import { formatMoney, publicId } from '#kernel'
import { bankWords, type PayoutTrouble } from '#payouts'
import { at, cannotTell, counted, found, ok, type Evidence, type Finding, type Remedy } from './finding.ts'

/** @param troubles the latest failure first. @param gap why there may be more than is known. */
export function judgePayouts(troubles: readonly PayoutTrouble[], gap: string | undefined): Finding {
  const [latest, ...others] = troubles
  if (!latest && gap !== undefined) return cannotTell(gap)
  if (!latest) return ok('No payout has failed that a later one did not make good.')
  const { payout, cause, nextStep } = latest
  const more = others.length === 0 ? '' : ` ${counted(others.length, 'other payout')} failed, too.`
  return found(payout.failureCode || 'unknown', `${cause} ${nextStep}${more}`, {
    evidence: [...evidenceOf(latest), ...others.slice(0, 4).flatMap(lineOf)],
    remedies: remediesOf(latest),
  })
}

function lineOf({ payout }: PayoutTrouble): readonly Evidence[] {
  const link = { to: 'payout', id: publicId('payout', payout.id) } as const
  return [{ label: 'Payout', value: `${formatMoney(payout)} to ${bankWords(payout)}`, link }]
}

function evidenceOf(trouble: PayoutTrouble): readonly Evidence[] {
  const { payout, side, next } = trouble
  const sides = { bank: 'the bank', funds: 'the balance', unknown: 'not known' }
  return [
    ...lineOf(trouble),
    { label: 'Code', value: payout.failureCode || 'none' },
    { label: 'Whose side', value: sides[side] },
    ...at(payout.paidAt ? 'Sent back by the bank' : 'Failed', payout.failedAt),
    { label: 'What happens next', value: next },
    ...at('Looked at again', payout.checkAt),
    ...(payout.retries > 0 ? [{ label: 'Sent again', value: counted(payout.retries, 'time') }] : []),
  ]
}

function remediesOf({ payout, side, connection, retryProblem }: PayoutTrouble): readonly Remedy[] {
  const see = { label: 'See next attempt', link: { to: 'payout', id: publicId('payout', payout.id) } } as const
  const check = { label: 'Check again', deed: 'check_payouts' } as const
  if (side === 'bank') {
    const banks = {
      label: 'Update bank details',
      link: { to: 'stripe_banks', id: connection.accountId ?? '' },
    } as const
    return [banks, check, see]
  }
  const retry = { label: 'Retry payout', deed: 'retry_payout' } as const
  return retryProblem === undefined ? [retry, check, see] : [check, see]
}
