/**
 * D4, D5, D7, D2 for connected accounts, and how Stripe lets the account work (STR-105, STR-106, STR-108, STR-111, STR-34). Pure. What
 * surprises: of an account whose form was never submitted everything is overdue, its directors too; that is D4. Directors block an
 * onboarding when the form was submitted, when what was given was refused, or when nothing else is left to give. The endpoint that serves
 * every connected account is not the operator's to repair: the operator reads how it stands, and whoever runs the installation reads why.
 */
import { inactiveAccountSentence } from '#connections'
import type { AccountMail } from '#notifications'
import { acceptsPaidBookings, fieldInWords, statusWords, type Demand } from '#onboarding'
import { at, cannotTell, counted, found, ok, type Evidence, type Finding, type Remedy } from './finding.ts'
import { unseenSince, type ConnectKnown } from './known.ts'

const minute = 60_000
const stuckAfterMs = 30 * minute
/** After somebody came back Stripe is asked for this long before what it says is believed (STR-33). */
const returnGraceMs = 30_000
const fieldsShown = 12

const door = (label: string): Remedy => ({ label, door: 'onboarding' })
const openPayments = { label: 'Open Payments', link: { to: 'payments' } } as const

const classWords: Readonly<Record<Demand['class'], string>> = {
  people: 'People',
  identity: 'Identity',
  bank: 'Bank',
  terms: 'Terms',
  business: 'Business',
  other: 'Other',
}

function pressing(demands: readonly Demand[]): readonly Demand[] {
  return demands.filter(({ urgency }) => urgency !== 'later')
}

/** D4: the form was begun and not submitted, for half an hour or after coming back from it (STR-105). */
export function judgeStuck({ account, demands, now, connection }: ConnectKnown): Finding {
  const { statusDetail, createdAt, returnedAt, fetchedAt } = account
  if (connection.accountId === null) return cannotTell('Stripe has not answered yet whether the account was made.')
  if (statusDetail !== 'pending') return ok('The form of Stripe was submitted.')
  const since = (instant: Date) => now.getTime() - instant.getTime()
  const hasComeBack =
    returnedAt !== null && fetchedAt !== null && fetchedAt >= returnedAt && since(returnedAt) >= returnGraceMs
  if (!hasComeBack && since(createdAt) < stuckAfterMs) return ok('Onboarding was begun less than half an hour ago.')
  const missing = pressing(demands)
  const what =
    missing.length === 0
      ? 'Stripe does not say what is missing; its form shows it.'
      : `What is missing: ${missing.map((demand) => classWords[demand.class].toLowerCase()).join(', ')}.`
  return found('pending', `The form of Stripe was begun and not submitted, so no payment can be taken. ${what}`, {
    evidence: [
      ...at('Account made', createdAt),
      ...at('Last back from the form', returnedAt),
      ...at('Asked for since', account.demandedSince),
      ...missing.map((demand) => ({ label: classWords[demand.class], value: demand.words })),
      ...at('Read at Stripe', fetchedAt),
    ],
    remedies: [door('Resume onboarding'), { label: 'E-mail link', deed: 'mail_link' }],
  })
}

/** What Stripe wants of directors and owners now, when nothing but this, or this above all, stands in the way. */
export function blockingPeople({ account, demands }: ConnectKnown): readonly Demand[] {
  const all = pressing(demands)
  const people = all.filter((demand) => demand.class === 'people')
  // An account of the second API says "not submitted" again whenever Stripe asks for more.
  const isSubmitted = account.seen?.detailsSubmitted === true || account.wasActive
  const isRefused = people.some(({ reasons }) => reasons.length > 0)
  return isSubmitted || isRefused || people.length === all.length ? people : []
}

/** D7 (STR-108). @param mails about this account, the newest first. */
export function judgeDirectors(known: ConnectKnown, mails: readonly AccountMail[]): Finding {
  const people = blockingPeople(known)
  if (people.length === 0 && pressing(known.demands).some((demand) => demand.class === 'people'))
    return cannotTell(
      'The form of Stripe was not submitted yet. It asks for directors and owners, among other details.',
    )
  if (people.length === 0) return ok('Stripe asks for nothing about directors or owners that would stop the account.')
  const fields = people.flatMap((demand) => demand.fields)
  const isPastDue = people.some(({ urgency }) => urgency === 'past_due')
  const [deadline] = people.flatMap((demand) => (demand.deadline ? [demand.deadline] : [])).toSorted()
  const [mail] = mails
  const late = isPastDue ? ' The date has passed.' : ''
  return found(
    'people',
    `Stripe needs ${counted(fields.length, 'detail')} about directors or owners before it goes on.${late}`,
    {
      evidence: [
        ...fields.slice(0, fieldsShown).map((field) => ({ label: 'Missing', value: fieldInWords(field) })),
        ...(fields.length > fieldsShown ? [{ label: 'And more', value: String(fields.length - fieldsShown) }] : []),
        ...people.flatMap(({ reasons }) => reasons.map((reason) => ({ label: 'Stripe says', value: reason }))),
        ...at('Deadline', deadline),
        ...mailEvidence(mail),
      ],
      remedies: [door("Open Stripe's form"), { label: 'Send the mail again', deed: 'mail_again' }],
    },
  )
}

function mailEvidence(mail: AccountMail | undefined): readonly Evidence[] {
  if (!mail) return [{ label: 'Mail sent', value: 'Not yet' }]
  return mail.sentAt ? at('Mail sent', mail.sentAt) : [{ label: 'Mail sent', value: 'Waiting for the mail server' }]
}

/** Whether Stripe lets it charge and pays out. What nobody has submitted is D4's. */
export function judgeStanding({ account, connection, demands }: ConnectKnown): Finding {
  const { statusDetail, fetchedAt } = account
  const { sentence } = statusWords(statusDetail)
  const evidence = [
    { label: 'Account', value: connection.accountName || (connection.accountId ?? 'being made') },
    ...at('Read at Stripe', fetchedAt),
  ]
  if (connection.state === 'broken')
    return found(
      'platform_key',
      'Stripe no longer accepts the key of this installation, with which your account is reached. Payments wait, none is lost. Whoever runs this installation has to replace it.',
      { evidence },
    )
  if (statusDetail === 'rejected') {
    const remedies = [{ label: 'Contact Stripe', link: { to: 'stripe_support' } } as const]
    return found('rejected', sentence, { evidence, remedies })
  }
  if (statusDetail === 'restricted') {
    const text = inactiveAccountSentence(connection.disabledReason)
    return found('restricted', text, { evidence, remedies: [door('Resume onboarding'), openPayments] })
  }
  if (statusDetail === 'active_payouts_blocked')
    return found('payouts_blocked', sentence, { evidence, remedies: [door('Fix bank details'), openPayments] })
  const overdue = demands.filter(({ urgency }) => urgency === 'past_due')
  if (statusDetail !== 'pending' && overdue.length > 0) {
    const what = overdue.map(({ words }) => words).join('. ')
    return found('past_due', `Overdue at Stripe: ${what}.`, { evidence, remedies: [door('Provide details')] })
  }
  if (acceptsPaidBookings(statusDetail)) return ok(sentence, { evidence })
  return cannotTell(sentence, { evidence, remedies: [openPayments] })
}

const graceMs = 2 * minute
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
