/**
 * The bank's 3-D Secure page, `/3ds/{token}` (SBX-22). *Complete* and *Fail* end the step and lead back to where the
 * payer came from; *Close the window* changes nothing at all, as when a person shuts the tab. A token works once.
 */
import { redirect } from '../http.ts'
import type { Route, SandboxReply, SandboxRequest } from '../http.ts'
import type { ChallengeView, StripeSandbox } from '../stripe/index.ts'
import { ownPagesOnly, readForm } from './form.ts'
import { moneyText } from './format.ts'
import { markup } from './markup.ts'
import type { Markup } from './markup.ts'
import { messageReply, pageReply } from './page.ts'

export function challengeRoutes(stripe: StripeSandbox): Route[] {
  const pattern = '/3ds/:token'
  return [
    { method: 'GET', pattern, handle: (_, params) => showChallenge(stripe, params.token ?? '') },
    ownPagesOnly({
      method: 'POST',
      pattern,
      handle: (request, params) => finishChallenge({ stripe, request, token: params.token ?? '' }),
    }),
  ]
}

function showChallenge(stripe: StripeSandbox, token: string): SandboxReply {
  const challenge = stripe.findChallenge(token)
  if (challenge === null) return unknownChallenge(stripe)
  if (challenge.isDone) return doneChallenge(stripe, challenge)
  return pageReply({
    title: `Confirm with your bank · ${challenge.accountName}`,
    body: challengeBody(challenge),
    activeFaults: stripe.health().activeFaults,
    publicUrl: stripe.publicUrl,
  })
}

function challengeBody(challenge: ChallengeView): Markup {
  const { token, cardBrand, cardLast4, accountName } = challenge
  return markup`<div class="narrow stack">
    <div class="bank stack" data-testid="sandbox-3ds">
      <h1>Confirm with your bank</h1>
      <p>${what(challenge)}</p>
      <dl class="facts">
        <dt>To</dt><dd>${accountName}</dd>
        <dt>Card</dt><dd>${cardBrand.charAt(0).toUpperCase() + cardBrand.slice(1)} ending ${cardLast4}</dd>
      </dl>
      <form class="stack tight" method="post" action="/3ds/${token}" data-once>
        <button class="primary full" name="outcome" value="complete" data-testid="sandbox-3ds-complete">Complete</button>
        <button class="full danger" name="outcome" value="fail" data-testid="sandbox-3ds-fail">Fail</button>
        <button class="full" name="outcome" value="close" data-testid="sandbox-3ds-close">Close the window</button>
      </form>
    </div>
    <p class="hint">This page stands in for the bank. Complete: the bank knows the payer. Fail: it does not. Close the window: the payer walks away and nothing changes.</p>
  </div>`
}

function what({ kind, amountMinor, currency }: ChallengeView): string {
  return kind === 'payment' && amountMinor !== null && currency !== null
    ? `Your bank asks you to confirm a payment of ${moneyText(amountMinor, currency)}.`
    : 'Your bank asks you to confirm that this card may be saved for later payments.'
}

function finishChallenge({
  stripe,
  request,
  token,
}: {
  stripe: StripeSandbox
  request: SandboxRequest
  token: string
}): SandboxReply {
  const challenge = stripe.findChallenge(token)
  if (challenge === null) return unknownChallenge(stripe)
  const outcome = readForm(request).get('outcome')
  if (outcome !== 'complete' && outcome !== 'fail' && outcome !== 'close') return showChallenge(stripe, token)
  const { alreadyDone, redirectUrl } = stripe.finishChallenge({ token, outcome })
  if (alreadyDone) return doneChallenge(stripe, challenge)
  if (outcome === 'close') return closedWindow(stripe, challenge)
  return redirectUrl === null ? finishedHere({ stripe, challenge, outcome }) : redirect(redirectUrl)
}

function closedWindow(stripe: StripeSandbox, { token, accountName }: ChallengeView): SandboxReply {
  return messageReply({
    title: 'The window is closed',
    text: `Nothing was confirmed and nothing was charged. ${accountName} still waits for the bank.`,
    testId: 'sandbox-3ds-closed',
    next: markup`<p><a class="button" href="/3ds/${token}" data-testid="sandbox-3ds-reopen">Open the bank's page again</a></p>`,
    activeFaults: stripe.health().activeFaults,
  })
}

function finishedHere({
  stripe,
  challenge,
  outcome,
}: {
  stripe: StripeSandbox
  challenge: ChallengeView
  outcome: 'complete' | 'fail'
}): SandboxReply {
  const isComplete = outcome === 'complete'
  return messageReply({
    title: isComplete ? 'Confirmed' : 'Not confirmed',
    text: `${isComplete ? 'The bank confirmed the step.' : 'The bank refused the step.'} Return to ${challenge.accountName}; this window is not needed any more.`,
    testId: isComplete ? 'sandbox-3ds-confirmed' : 'sandbox-3ds-refused',
    activeFaults: stripe.health().activeFaults,
  })
}

function doneChallenge(stripe: StripeSandbox, { returnUrl, accountName }: ChallengeView): SandboxReply {
  return messageReply({
    title: 'Already done',
    text: 'This step was finished or replaced before. It works once only.',
    testId: 'sandbox-3ds-done',
    next:
      returnUrl === null ? null : markup`<p><a class="button" href="${returnUrl}">Continue to ${accountName}</a></p>`,
    activeFaults: stripe.health().activeFaults,
  })
}

function unknownChallenge(stripe: StripeSandbox): SandboxReply {
  return messageReply({
    title: 'There is no such step',
    text: 'The address is cut short, or the sandbox was reset since it was made. Start the payment again.',
    testId: 'sandbox-3ds-unknown',
    status: 404,
    activeFaults: stripe.health().activeFaults,
  })
}
