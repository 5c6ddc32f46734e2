/**
 * Stripe's hosted onboarding, `/connect/setup/{token}` (SBX-46). A link works once: the first visit opens the form under an
 * address of its own, every later one is sent to the platform's `refresh_url`. The form ends at `return_url`, which is told
 * nothing: what came of it the platform has to ask.
 */
import { redirect } from '../../http.ts'
import type { Route, SandboxReply, SandboxRequest } from '../../http.ts'
import type { StripeSandbox } from '../../stripe/index.ts'
import { ownPagesOnly, readForm } from '../form.ts'
import { messageReply, pageReply } from '../page.ts'
import { onboardingBody } from './onboarding-page.ts'
import type { OnboardingPage } from './onboarding-page.ts'

export function onboardingRoutes(stripe: StripeSandbox): Route[] {
  return [
    { method: 'GET', pattern: '/connect/setup/:token', handle: (_, { token = '' }) => openLink(stripe, token) },
    {
      method: 'GET',
      pattern: '/connect/setup/visit/:visit',
      handle: ({ url }, { visit = '' }) => show(stripe, visit, { isFilled: url.searchParams.has('fill') }),
    },
    ownPagesOnly({
      method: 'POST',
      pattern: '/connect/setup/visit/:visit',
      handle: (request, { visit = '' }) => send(stripe, visit, request),
    }),
  ]
}

function openLink(stripe: StripeSandbox, token: string): SandboxReply {
  const opened = stripe.onboarding.openLink(token)
  if (opened.state === 'open') return redirect(`/connect/setup/visit/${opened.visit}`)
  if (opened.state !== 'unknown') return redirect(opened.refreshUrl)
  return messageReply({
    title: 'There is no such link',
    text: 'The address is cut short, or the sandbox was reset since it was made. Ask for a new link where you found it.',
    testId: 'sandbox-unknown-link',
    status: 404,
    activeFaults: stripe.health().activeFaults,
  })
}

type Shown = Partial<Pick<OnboardingPage, 'values' | 'problems' | 'isFilled' | 'isIncomplete' | 'script'>>

function show(stripe: StripeSandbox, visit: string, shown: Shown = {}): SandboxReply {
  const view = stripe.onboarding.view(visit)
  if (view === null) return visitOver(stripe)
  const problems = shown.problems ?? []
  const isRefused = problems.length > 0 || shown.isIncomplete === true
  const title = `Set up payments for ${view.accountName}`
  return pageReply({
    title: isRefused ? `Error: ${title}` : title,
    body: onboardingBody({ view, values: {}, isFilled: false, isIncomplete: false, script: '', ...shown, problems }),
    activeFaults: stripe.health().activeFaults,
    publicUrl: stripe.publicUrl,
  })
}

function visitOver(stripe: StripeSandbox): SandboxReply {
  return messageReply({
    title: 'This form has been closed',
    text: 'A form stays open for twelve hours. Go back to the site that sent you here and start again; what you typed before is kept.',
    testId: 'sandbox-visit-over',
    status: 404,
    activeFaults: stripe.health().activeFaults,
  })
}

function send(stripe: StripeSandbox, visit: string, request: SandboxRequest): SandboxReply {
  const form = readForm(request)
  const { 'sandbox-script': script = 'complete', 'sandbox-deed': deed, ...values } = Object.fromEntries(form)
  const view = stripe.onboarding.view(visit)
  if (view === null) return visitOver(stripe)
  const chosen = view.scripts.find(({ name }) => name === script)?.name ?? 'complete'
  const outcome =
    deed === 'save' ? stripe.onboarding.saveForLater(visit, values) : stripe.onboarding.submit(visit, values, chosen)
  switch (outcome.state) {
    case 'done':
      return redirect(outcome.returnUrl)
    case 'gone':
      return visitOver(stripe)
    case 'invalid':
      return show(stripe, visit, { values, problems: outcome.problems, script })
    case 'incomplete':
      return show(stripe, visit, { values, isIncomplete: true, script })
  }
}
