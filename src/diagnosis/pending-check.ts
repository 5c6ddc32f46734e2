/**
 * D2: which part of the webhook keeps payments in Pending (STR-111). Pure. What surprises: money is never lost by any of these, because
 * polling settles it; what is judged here is only why no delivery brought it.
 */
import { at, cannotTell, counted, found, ok, type Evidence, type Finding, type Remedy } from './finding.ts'
import { checkedAtOf, undeliveredSince, type OwnKnown } from './known.ts'

const graceMs = 2 * 60_000
const fasterMs = 60_000
const repair = { label: 'Repair webhook', deed: 'repair_webhook' } as const
const checkPayments = { label: 'Check these payments now', deed: 'check_payments' } as const
const openEndpoints = { label: 'Open the endpoint', link: { to: 'endpoints' } } as const
const openWebhooks = { label: 'Open Webhooks in Stripe', link: { to: 'stripe_webhooks' } } as const

/** The cause and its sentence, or undefined where the webhook is not at fault. */
function causeOf(known: OwnKnown): readonly [cause: string, text: string] | undefined {
  const { connection, health, ask, isRefusing } = known
  const check = connection.endpointCheck
  if (health === 'missing') {
    if (check?.isFound)
      return [
        'no_secret',
        'An endpoint at Stripe points here, and its signing secret is not stored here, so nothing it delivers can be verified.',
      ]
    if (ask?.misplaced)
      return [
        'wrong_url',
        `The endpoint at Stripe points to ${ask.misplaced.url}, which is not the address of this connection.`,
      ]
    return ['no_endpoint', 'No endpoint at Stripe points to this connection, so Stripe has nowhere to report payments.']
  }
  if (health === 'disabled') return ['switched_off', 'The endpoint is switched off at Stripe, so nothing is delivered.']
  if (isRefusing)
    return [
      'secret_mismatch',
      'Stripe delivers, but the signing secret stored here is not the one of the endpoint, so deliveries are refused.',
    ]
  if (check && check.missingRequired.length > 0)
    return [
      'events_missing',
      `Not selected at Stripe: ${check.missingRequired.join(', ')}. What they tell arrives by polling only.`,
    ]
  return isUndelivered(known)
    ? [
        'delivery_failing',
        'The endpoint at Stripe looks right, and yet no delivery came for a payment that Stripe has finished. The address may not be reachable from outside.',
      ]
    : undefined
}

/** Judged only after the endpoint was looked at: another cause would say more. Found by polling and never delivered is the same. */
function isUndelivered(known: OwnKnown): boolean {
  if (known.health === 'silent') return true
  const checkedAt = checkedAtOf(known)
  return [undeliveredSince(known), polledSince(known)].some(
    (since) => since && checkedAt && checkedAt >= since && known.now.getTime() - since.getTime() >= graceMs,
  )
}

/** Since when polling has been bringing what deliveries did not. Right after a delivery it may only have been faster. */
function polledSince({ polled, connection }: OwnKnown): Date | undefined {
  const { missedSince } = polled
  const verifiedAt = connection.webhookLastVerifiedAt?.getTime() ?? 0
  return missedSince && missedSince.getTime() - verifiedAt >= fasterMs ? missedSince : undefined
}

export function judgePending(known: OwnKnown): Finding {
  const { connection, money } = known
  const isWaiting = money.open > 0
  const evidence = evidenceOf(known)
  if (connection.state === 'broken')
    return cannotTell('Stripe refuses the key, so its endpoint cannot be looked at. Replace the keys first.', {
      evidence,
    })
  const cause = causeOf(known)
  if (cause) {
    const more: readonly Remedy[] = cause[0] === 'delivery_failing' ? [openWebhooks] : [openEndpoints]
    const remedies = [repair, ...(isWaiting ? [checkPayments] : []), ...more]
    return found(cause[0], `${cause[1]} Payments settle by polling until then.`, { evidence, remedies })
  }
  const without: Finding = ok(soundText(known), { evidence })
  return isWaiting ? { ...without, remedies: [checkPayments] } : without
}

function soundText({ money, health }: OwnKnown): string {
  if (money.processing > 0)
    return `No fault: ${counted(money.processing, 'bank debit')} still with the bank. Debits need days; the invoice turns Paid by itself.`
  if (money.open > 0) return `No fault in the webhook. ${counted(money.open, 'payment')} under way.`
  return health === 'waiting_first_event'
    ? 'The endpoint is set up. The first event Stripe sends will prove it.'
    : 'Deliveries arrive and are verified.'
}

function evidenceOf({ connection, money, polled, newest }: OwnKnown): readonly Evidence[] {
  const check = connection.endpointCheck
  const to = money.oldestInvoiceId ?? newest?.invoiceId
  return [
    ...at('Endpoint looked at', check?.checkedAt),
    ...at('Last verified delivery', connection.webhookLastVerifiedAt),
    ...at('Last refused delivery', connection.webhookLastRefusedAt),
    ...(check && check.missingRequired.length > 0 && check.isFound
      ? [{ label: 'Events missing', value: check.missingRequired.join(', ') }]
      : []),
    ...(polled.missedCount > 0
      ? [{ label: 'Settled by polling instead', value: String(polled.missedCount), link: { to: 'road' } as const }]
      : []),
    { label: 'Payments not final', value: String(money.open), ...(to && { link: { to: 'invoice', id: to } as const }) },
    ...at('The oldest of them', money.oldestOpenAt),
    ...at('With the bank since', money.processingSince),
  ]
}
