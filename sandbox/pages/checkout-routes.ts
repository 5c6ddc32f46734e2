/**
 * Addresses of the hosted Checkout page, `/c/pay/{cs}` and `/c/setup/{cs}` (SBX-46). One page, two addresses: a session
 * opened under the other one is sent on. A decline keeps what was typed, except the card number.
 */
import { redirect } from '../http.ts'
import type { Route, SandboxReply, SandboxRequest } from '../http.ts'
import type { CheckoutView, DebitFields, StripeSandbox, SubmitCheckout, SubmitOutcome } from '../stripe/index.ts'
import { EMPTY_INPUT, fillTestCard, judgeCheckoutInput, readCheckoutInput } from './card-input.ts'
import type { CheckoutInput, FieldError } from './card-input.ts'
import { checkoutBody, checkoutPath, payLabel } from './checkout-page.ts'
import { readDebit } from './debit-tabs.ts'
import { ownPagesOnly, readForm } from './form.ts'
import { markup } from './markup.ts'
import { messageReply, pageReply } from './page.ts'

export function checkoutRoutes(stripe: StripeSandbox): Route[] {
  return (['/c/pay/:id', '/c/setup/:id'] as const).flatMap((pattern): Route[] => [
    { method: 'GET', pattern, handle: (request, params) => showCheckout({ stripe, request, id: params.id ?? '' }) },
    ownPagesOnly({
      method: 'POST',
      pattern,
      handle: (request, params) => submitCheckout({ stripe, request, id: params.id ?? '' }),
    }),
  ])
}

interface Asked {
  stripe: StripeSandbox
  request: SandboxRequest
  id: string
}

function showCheckout({ stripe, request, id }: Asked): SandboxReply {
  const session = stripe.findCheckoutSession(id)
  if (session === null) return unknownSession(stripe)
  if (request.url.pathname !== checkoutPath(session)) return redirect(checkoutPath(session))
  if (session.status !== 'open') return closedSession(stripe, session)
  return formReply({ stripe, session, decline: session.lastDecline })
}

function submitCheckout({ stripe, request, id }: Asked): SandboxReply {
  const session = stripe.findCheckoutSession(id)
  if (session === null) return unknownSession(stripe)
  if (session.status !== 'open') return closedSession(stripe, session)
  const form = readForm(request)
  const input = readCheckoutInput(form)
  const method = form.get('method')
  if (method !== null)
    return answer({ stripe, session, input }, stripe.submitCheckout({ sessionId: id, paymentMethod: method }))
  const debit = readDebit(form)
  if (debit !== null) return submitDebit({ stripe, session, input }, debit)
  const wantedCard = stripe.testCards().find((card) => card.number === form.get('fill'))
  if (wantedCard)
    return formReply({ stripe, session, input: fillTestCard({ input, card: wantedCard, now: stripe.now() }) })
  return submitCard({ stripe, session, input })
}

interface Typed {
  stripe: StripeSandbox
  session: CheckoutView
  input: CheckoutInput
}

function submitCard({ stripe, session, input }: Typed): SandboxReply {
  const asksEmail = session.email === null
  const judged = judgeCheckoutInput(input, { testCards: stripe.testCards(), now: stripe.now(), asksEmail })
  if ('errors' in judged) return formReply({ stripe, session, input, errors: judged.errors })
  const submission: SubmitCheckout = {
    sessionId: session.id,
    card: judged.card,
    saveForLater: session.offersSave && input.saveForLater,
    ...(asksEmail ? { email: input.email } : {}),
  }
  return answer({ stripe, session, input }, stripe.submitCheckout(submission))
}

function submitDebit({ stripe, session, input }: Typed, debit: DebitFields): SandboxReply {
  const email = session.email === null ? { email: input.email } : {}
  return answer({ stripe, session, input }, stripe.submitCheckout({ sessionId: session.id, debit, ...email }))
}

function answer({ stripe, session, input }: Typed, result: SubmitOutcome): SandboxReply {
  switch (result.outcome) {
    case 'complete':
    case 'requires_action':
      return redirect(result.redirectUrl)
    case 'already_complete':
      return result.redirectUrl === null ? closedSession(stripe, session) : redirect(result.redirectUrl)
    case 'expired':
      return closedSession(stripe, { ...session, status: 'expired' })
    case 'unknown':
      return unknownSession(stripe)
    case 'declined':
      if (result.field === undefined) return formReply({ stripe, session, input, decline: result.message })
      return formReply({ stripe, session, input, errors: [{ field: result.field, message: result.message }] })
  }
}

interface FormReply {
  stripe: StripeSandbox
  session: CheckoutView
  input?: CheckoutInput
  errors?: readonly FieldError[]
  decline?: string | null
}

function formReply({ stripe, session, input = EMPTY_INPUT, errors = [], decline = null }: FormReply): SandboxReply {
  const isRefused = errors.length > 0 || decline !== null
  const shown = isRefused ? { ...input, number: '' } : input
  const title = `${payLabel(session)} · ${session.accountName}`
  return pageReply({
    title: isRefused ? `Error: ${title}` : title,
    body: checkoutBody({ session, input: shown, errors, decline, testCards: stripe.testCards(), now: stripe.now() }),
    activeFaults: stripe.health().activeFaults,
    publicUrl: stripe.publicUrl,
  })
}

function closedSession(stripe: StripeSandbox, session: CheckoutView): SandboxReply {
  const isComplete = session.status === 'complete'
  const next = isComplete ? session.successUrl : session.cancelUrl
  return messageReply({
    title: isComplete ? 'This checkout is complete' : 'This checkout has expired',
    text: isComplete
      ? `${session.accountName} has your ${session.kind === 'payment' ? 'payment' : 'card'}. It cannot be sent twice.`
      : `It could be used until a set time, which has passed. Nothing was charged. Ask ${session.accountName} for a new link.`,
    testId: isComplete ? 'sandbox-complete' : 'sandbox-expired',
    next: next === null ? null : markup`<p><a class="button" href="${next}">Continue to ${session.accountName}</a></p>`,
    activeFaults: stripe.health().activeFaults,
  })
}

function unknownSession(stripe: StripeSandbox): SandboxReply {
  return messageReply({
    title: 'There is no such checkout',
    text: 'The address is cut short, or the sandbox was reset since it was made. Open the link again where you found it.',
    testId: 'sandbox-unknown-session',
    status: 404,
    activeFaults: stripe.health().activeFaults,
  })
}
