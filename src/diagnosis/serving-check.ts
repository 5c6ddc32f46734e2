/**
 * D5, and D2 for connected accounts: the endpoint that serves every connected account (STR-106, STR-111). Pure. It is not the operator's to
 * repair, so the operator reads how it stands and whoever runs the installation reads why and repairs it.
 */
import { at, counted, found, ok, type Finding } from './finding.ts'
import { unseenSince, type ConnectKnown } from './known.ts'

const graceMs = 2 * 60_000
const unverified = 'Stripe is sending connected-account events we cannot verify. Payments still arrive by polling.'
/** Shown to whoever runs the installation alone. */
const openInstallation = { label: 'Open Installation', link: { to: 'installation' } } as const
const checkPayments = { label: 'Check these payments now', deed: 'check_payments' } as const

type Trouble = ConnectKnown['serving'][number]

function toldSentence({ toldAt }: Pick<Trouble, 'toldAt'>): string {
  return toldAt ? 'The installation admin has been told.' : 'Whoever runs this installation has to repair it.'
}

/** D5. One word for every cause: which it is concerns only whoever runs the installation. */
export function judgeServingSecret({ serving, verifiedAt }: ConnectKnown): Finding {
  const trouble = serving.find(({ code }) => code === 'connect_secret')
  const evidence = at('Last verified delivery to any connected account', verifiedAt)
  if (!trouble) return ok('Nothing points to a missing secret of the endpoint for connected accounts.', { evidence })
  return found('unverified', `${unverified} ${toldSentence(trouble)}`, {
    evidence: [...at('Seen since', trouble.openedAt), ...evidence],
    remedies: [openInstallation],
  })
}

/** D2 for a connected account: what is wrong beside the secret, which D5 tells. */
export function judgeServing(known: ConnectKnown): Finding {
  const { serving, money, now } = known
  const remedies = money.open > 0 ? [checkPayments] : []
  const evidence = [
    { label: 'Payments not final', value: String(money.open) },
    ...at('The oldest of them', money.oldestOpenAt),
    ...at('With the bank since', money.processingSince),
  ]
  const trouble = serving.find(({ code, cause }) => code === 'endpoints' && cause.startsWith('connect_'))
  const polled = 'Payments settle by polling until then.'
  if (trouble) {
    const text = `The endpoint that serves all connected accounts does not deliver as it should. ${toldSentence(trouble)} ${polled}`
    return found('serving_endpoint', text, { evidence, remedies: [...remedies, openInstallation] })
  }
  const since = unseenSince(known)
  const isSecretKnown = serving.some(({ code }) => code === 'connect_secret')
  if (since && !isSecretKnown && now.getTime() - since.getTime() >= graceMs)
    return found(
      'delivery_failing',
      `No delivery came for a payment that Stripe has finished. The endpoint that serves all connected accounts may not be reachable from outside. ${polled}`,
      { evidence, remedies },
    )
  const text =
    money.processing > 0
      ? `No fault: ${counted(money.processing, 'bank debit')} still with the bank. Debits need days; the invoice turns Paid by itself.`
      : 'No fault in the endpoint that serves all connected accounts.'
  return { ...ok(text, { evidence }), remedies }
}
