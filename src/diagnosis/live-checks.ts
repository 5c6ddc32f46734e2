/**
 * Further live checks (UI-161), as far as the modules they look at exist: disputes, the matching of payouts, Xero, cards about to expire and the age of
 * backups have no module yet and are absent. Pure.
 */
import type { InboxHealth } from '#inbox'
import type { Breach } from '#ledger'
import type { JobOutlook } from '#platform'
import { at, cannotTell, counted, found, ok, type Finding } from './finding.ts'
import type { Known, OwnKnown } from './known.ts'

const minute = 60_000
const lateMs = 5 * minute
const checkPayments = { label: 'Check these payments now', deed: 'check_payments' } as const
const repair = { label: 'Repair webhook', deed: 'repair_webhook' } as const
const notAsked = 'Stripe has not been asked yet. Press Run all checks.'

export function judgeMoved({ ask, money }: OwnKnown): Finding {
  const evidence = at('Last asked', ask?.askedAt)
  if (money.open === 0) return ok('No payment is open here, so none can have moved unseen.', { evidence })
  if (!ask?.moved) return cannotTell(notAsked, { evidence })
  const { payments, invoiceId } = ask.moved
  if (payments === 0) return ok('Of the payments open here, Stripe has finished none.', { evidence })
  const link = invoiceId ? ({ link: { to: 'invoice', id: invoiceId } } as const) : {}
  return found(
    'moved',
    `Stripe has finished ${counted(payments, 'payment')} more than two minutes ago and they are open here.`,
    {
      evidence: [{ label: 'Finished at Stripe', value: String(payments), ...link }, ...evidence],
      remedies: [checkPayments],
    },
  )
}

export function judgeUnknown({ money }: Pick<Known, 'money'>): Finding {
  if (money.unknown === 0) return ok('Every payment and refund that was sent has its answer.')
  const text = `${counted(money.unknown, 'payment or refund', 'payments or refunds')} sent to Stripe without an answer. Do not repeat them: Stripe is asked until it is known.`
  const link = money.oldestInvoiceId ? ({ link: { to: 'invoice', id: money.oldestInvoiceId } } as const) : {}
  return found('unknown', text, {
    evidence: [
      { label: 'Without an answer', value: String(money.unknown), ...link },
      ...at('Oldest payment', money.oldestOpenAt),
    ],
    remedies: [checkPayments],
  })
}

export function judgeInbox({ now }: Pick<Known, 'now'>, inbox: InboxHealth): Finding {
  const { dead, quarantined, waiting, retrying, parked, oldestWaitingAt } = inbox
  const evidence = [
    { label: 'Given up', value: String(dead + quarantined), link: { to: 'inbox' } as const },
    { label: 'Tried again later', value: String(retrying) },
    { label: 'Waiting or parked', value: String(waiting + parked) },
    ...at('The oldest of those waiting', oldestWaitingAt),
    ...at('Newest event', inbox.newestAt),
  ]
  const remedies = [{ label: 'Open the inbox', link: { to: 'inbox' } as const }]
  if (dead + quarantined > 0) {
    const why = inbox.deadReasons[0] ? ` Most often: ${inbox.deadReasons[0].reason}` : ''
    return found('given_up', `${counted(dead + quarantined, 'event')} given up.${why}`, { evidence, remedies })
  }
  if (oldestWaitingAt && now.getTime() - oldestWaitingAt.getTime() > lateMs)
    return found('late', 'The oldest event has been waiting for more than five minutes.', { evidence, remedies })
  return ok('Every event has reached its place.', { evidence })
}

export function judgeEndpointOn({ connection }: OwnKnown): Finding {
  const check = connection.endpointCheck
  const evidence = at('Endpoint looked at', check?.checkedAt)
  if (!check) return cannotTell(notAsked)
  if (!check.isFound) return cannotTell('There is no endpoint at Stripe.', { evidence, remedies: [repair] })
  return check.isEnabled
    ? ok('Stripe delivers to this endpoint.', { evidence })
    : found('disabled', 'Stripe has this endpoint switched off.', { evidence, remedies: [repair] })
}

export function judgeEvents({ connection }: OwnKnown): Finding {
  const check = connection.endpointCheck
  const evidence = at('Endpoint looked at', check?.checkedAt)
  if (!check) return cannotTell(notAsked)
  if (!check.isFound) return cannotTell('There is no endpoint at Stripe.', { evidence, remedies: [repair] })
  return check.missingRequired.length === 0
    ? ok('All ten required events are selected.', { evidence })
    : found('missing', `Not selected at Stripe: ${check.missingRequired.join(', ')}.`, { evidence, remedies: [repair] })
}

export function judgeClock({ ask }: OwnKnown): Finding {
  const asked = ask?.rows.find(({ row }) => row === 'clock')
  const evidence = at('Last asked', ask?.askedAt)
  if (!asked || asked.state === 'not_checked') return cannotTell(asked?.text ?? notAsked, { evidence })
  if (asked.state === 'pass') return ok(asked.text, { evidence })
  return found('off', `${asked.text} Set the clock of the server, best by a time service.`, { evidence })
}

export function judgeBooks(breaches: readonly Breach[]): Finding {
  const link = { to: 'books' } as const
  if (breaches.length === 0) return ok('Every account and every invariant of the books holds.')
  const names = [...new Set(breaches.map(({ invariant }) => invariant))].join(', ')
  return found(
    'broken',
    `${counted(breaches.length, 'row')} of the books ${breaches.length === 1 ? 'breaks' : 'break'} a rule: ${names}. Nothing is corrected by itself; open the books and report it.`,
    {
      evidence: breaches.slice(0, 5).map(({ invariant, subject, expected, actual }) => ({
        label: invariant,
        value: `${subject}: expected ${expected}, found ${actual}`,
        link,
      })),
      remedies: [{ label: 'Open the books', link }],
    },
  )
}

/** @param wallNow what the queue waits by. */
export function judgeQueue(outlook: JobOutlook, wallNow: Date): Finding {
  const starts = outlook.waiting.map(({ startAfter }) => startAfter.getTime())
  const lateForMs = wallNow.getTime() - Math.min(wallNow.getTime(), ...starts)
  if (lateForMs <= lateMs) return ok('No work of this installation is more than five minutes late.')
  const [late] = outlook.waiting.toSorted((one, other) => one.startAfter.getTime() - other.startAfter.getTime())
  return found(
    'late',
    `The oldest piece of work has been due for ${Math.floor(lateForMs / minute)} minutes. Check that a worker is running.`,
    {
      evidence: [{ label: 'Oldest work', value: late?.name ?? '' }],
    },
  )
}

export function judgeMails({ late, oldestAt }: { readonly late: number; readonly oldestAt: Date | null }): Finding {
  if (late === 0) return ok('Every mail was taken by the mail server.')
  return found(
    'not_taken',
    `${counted(late, 'mail')} not taken by the mail server for more than five minutes. They are tried again; check MAIL_URL if it lasts.`,
    {
      evidence: [{ label: 'Not sent', value: String(late) }, ...at('The oldest of them', oldestAt)],
    },
  )
}
