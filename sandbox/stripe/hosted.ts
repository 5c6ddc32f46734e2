/** What the hosted pages see and do: Checkout Sessions and 3-D Secure steps of any account, found by their secret ids. */
import type Stripe from 'stripe'
import { isDebitType, mandateText, rulesOf } from './debits/debit-types.ts'
import type { DebitType } from './debits/debit-types.ts'
import { listBanks } from './debits/test-accounts.ts'
import { findChallenge as findChallengeRow, closeChallenge, describeReturn } from './money/challenge.ts'
import { successUrlOf } from './money/checkout-session.ts'
import { followIntent, knownEmail, submitSession } from './money/checkout.ts'
import { finishPaymentChallenge } from './money/confirm-payment.ts'
import { finishSetupChallenge } from './money/setup-intents.ts'
import { idOf } from './parts/reference.ts'
import { StripeRefusal } from './errors.ts'
import type { ChallengeView, CheckoutView, DebitTab, SubmitCheckout, SubmitOutcome } from './views.ts'
import type { Challenge, Row } from './world/kinds.ts'
import type { Space } from './world/space.ts'
import type { World } from './world/world.ts'

type Intent = Row<'payment_intent'> | Row<'setup_intent'>

export function findSession(
  world: World,
  sessionId: string,
): { space: Space; row: Row<'checkout.session'> } | undefined {
  for (const space of world.spaces()) {
    const row = space.find('checkout.session', sessionId)
    if (row !== undefined) return { space, row }
  }
  return undefined
}

export function viewCheckout(world: World, sessionId: string): CheckoutView | null {
  world.runDueTimers()
  const found = findSession(world, sessionId)
  if (found === undefined) return null
  const { space, row } = found
  const { object, hidden } = row
  const customer = idOf(object.customer)
  const challenge = findOpenChallenge(space, row)
  return {
    id: row.id,
    accountId: space.accountId,
    accountName: nameOf(space),
    isLive: space.isLive,
    kind: object.mode === 'setup' ? 'setup' : 'payment',
    status: statusOf(object),
    currency: object.currency,
    amountMinor: object.amount_total,
    lines: hidden.lines.map((line) => ({
      description: line.description ?? '',
      quantity: line.quantity ?? 1,
      unitAmountMinor: line.price?.unit_amount ?? 0,
      amountMinor: line.amount_total,
    })),
    email: knownEmail(space, row),
    offersSave: object.saved_payment_method_options?.payment_method_save === 'enabled',
    offersCard: object.payment_method_types.includes('card'),
    debits: object.payment_method_types.filter(isDebitType).map((type) => describeDebit(type, nameOf(space))),
    savedMethods: customer === null || object.mode === 'setup' ? [] : listSaved(space, customer),
    cancelUrl: object.cancel_url,
    successUrl: successUrlOf(object),
    expiresAt: new Date(object.expires_at * 1000),
    lastDecline: hidden.lastDecline,
    challengePath: challenge === null ? null : `/3ds/${challenge}`,
  }
}

export function submit(world: World, submission: SubmitCheckout): SubmitOutcome {
  world.runDueTimers()
  const found = findSession(world, submission.sessionId)
  if (found === undefined) return { outcome: 'unknown', message: 'There is no such page. Ask for a new link.' }
  return world.transaction(() => submitSession(found.space, found.row, submission))
}

export function viewChallenge(world: World, token: string): ChallengeView | null {
  const found = findChallengeRow(world.spaces(), token)
  if (found === undefined) return null
  const { space, row } = found
  const intent = intentOf(space, row.object)
  const methodId = idOf(intent.object.payment_method)
  const card = methodId === null ? undefined : space.find('payment_method', methodId)?.object.card
  const payment = intent.kind === 'payment_intent' ? (intent.object as Stripe.PaymentIntent) : null
  return {
    token,
    accountName: nameOf(space),
    kind: payment === null ? 'setup' : 'payment',
    amountMinor: payment?.amount ?? null,
    currency: payment?.currency ?? null,
    cardBrand: card?.brand ?? 'card',
    cardLast4: card?.last4 ?? '',
    isDone: row.object.state === 'done',
    returnUrl: returnOf(space, row.object, intent),
  }
}

/** 'close' is a person who walks away: nothing happens, and the step can still be passed later. */
export function finish(
  world: World,
  token: string,
  outcome: 'complete' | 'fail' | 'close',
): { alreadyDone: boolean; redirectUrl: string | null } {
  world.runDueTimers()
  const found = findChallengeRow(world.spaces(), token)
  if (found === undefined || outcome === 'close') return { alreadyDone: false, redirectUrl: null }
  const { space, row } = found
  if (row.object.state === 'done') {
    return { alreadyDone: true, redirectUrl: returnOf(space, row.object, intentOf(space, row.object)) }
  }
  const hasPassed = outcome === 'complete'
  return world.transaction(() => {
    closeChallenge(space, token)
    const intent = conclude(space, row.object, hasPassed)
    const { checkoutSession } = row.object
    if (checkoutSession !== null) followIntent(space, checkoutSession, intent)
    return { alreadyDone: false, redirectUrl: returnOf(space, row.object, intent) }
  })
}

/** A card may still be declined after its challenge; that is news for the intent, not an error of the page. */
function conclude(space: Space, challenge: Challenge, hasPassed: boolean): Intent {
  try {
    return challenge.intentKind === 'payment_intent'
      ? finishPaymentChallenge(space, challenge.intent, hasPassed)
      : finishSetupChallenge(space, challenge.intent, hasPassed)
  } catch (error) {
    if (!(error instanceof StripeRefusal && error.keepsEffects)) throw error
    return intentOf(space, challenge)
  }
}

function returnOf(space: Space, challenge: Challenge, intent: Intent): string | null {
  const { status, client_secret: clientSecret } = intent.object
  const hasSucceeded = status === 'succeeded' || status === 'requires_capture'
  if (challenge.checkoutSession !== null) {
    const session = space.get('checkout.session', challenge.checkoutSession).object
    return hasSucceeded ? successUrlOf(session) : challenge.returnUrl
  }
  return describeReturn(challenge, { id: intent.id, clientSecret, hasSucceeded })
}

function intentOf(space: Space, challenge: Challenge): Intent {
  return challenge.intentKind === 'payment_intent'
    ? space.get('payment_intent', challenge.intent)
    : space.get('setup_intent', challenge.intent)
}

function findOpenChallenge(space: Space, session: Row<'checkout.session'>): string | null {
  const { payment_intent: payment, setup_intent: setup } = session.object
  const paymentId = idOf(payment)
  const setupId = idOf(setup)
  if (paymentId !== null) return space.get('payment_intent', paymentId).hidden.challenge
  return setupId === null ? null : space.get('setup_intent', setupId).hidden.challenge
}

function listSaved(space: Space, customer: string): CheckoutView['savedMethods'] {
  return [...space.newestFirst('payment_method', { by: ['customer', customer] })].flatMap(({ id, object }) => {
    const { card } = object
    if (card === undefined) return []
    return [{ id, brand: card.brand, last4: card.last4, expMonth: card.exp_month, expYear: card.exp_year }]
  })
}

function describeDebit(type: DebitType, merchant: string): DebitTab {
  const { name, billing } = rulesOf(type)
  return {
    type,
    name,
    mandateText: mandateText(type, merchant),
    asksAddress: billing.includes('address'),
    offersDeposits: type === 'us_bank_account',
    accounts: listBanks(type).map(({ number, behaviour }) => ({ number, behaviour })),
  }
}

function statusOf(session: Stripe.Checkout.Session): CheckoutView['status'] {
  if (session.status === 'complete') return 'complete'
  return session.status === 'expired' ? 'expired' : 'open'
}

function nameOf(space: Space): string {
  return space.world.root.get('account', space.accountId).hidden.name
}
