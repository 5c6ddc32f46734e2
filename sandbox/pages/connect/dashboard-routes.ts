/**
 * Stripe's dashboard of one account, `/dashboard/{acct}`, and the login link that leads there, `/connect/login/{token}`
 * (SBX-46). It needs no password: whoever reaches this page has this machine or the sandbox's token (see index.ts).
 */
import { redirect } from '../../http.ts'
import type { Route, SandboxReply } from '../../http.ts'
import type { Visit } from '../console/visit.ts'
import { noticePart } from '../console/notices.ts'
import { markup } from '../markup.ts'
import { messageReply, pageReply } from '../page.ts'
import { dashboardBody } from './dashboard-page.ts'

/** `visit` makes what a page needs of its request. */
export function dashboardRoutes(page: (pattern: string, show: (visit: Visit) => SandboxReply) => Route): Route[] {
  return [page('/connect/login/:token', (visit) => login(visit)), page('/dashboard/:account', (visit) => show(visit))]
}

function login({ stripe, params }: Visit): SandboxReply {
  const opened = stripe.onboarding.openLogin(params['token'] ?? '')
  if (opened.state === 'open') return redirect(`/dashboard/${opened.accountId}`)
  const reasons = {
    used: 'It was used before.',
    expired: 'It was made some time ago; a login link lives for five minutes.',
    unknown: 'The address is cut short, or the sandbox was reset since it was made.',
  }
  return messageReply({
    title: 'This login link does not work any more',
    text: `${reasons[opened.state]} Ask for a new one where you found it.`,
    testId: 'sandbox-login-over',
    status: opened.state === 'unknown' ? 404 : 410,
    activeFaults: stripe.health().activeFaults,
  })
}

function show(visit: Visit): SandboxReply {
  const { stripe, params, notice } = visit
  const account = stripe.accounts().find(({ id }) => id === params['account'])
  const record = stripe.dashboard.findAccount(params['account'] ?? '')
  const { activeFaults } = stripe.health()
  if (account === undefined || record === null) {
    return messageReply({
      title: 'There is no such account',
      text: 'It left, or the sandbox was reset.',
      testId: 'sandbox-unknown',
      status: 404,
      activeFaults,
    })
  }
  return pageReply({
    title: notice?.tone === 'bad' ? `Error: ${account.name}` : account.name,
    body: markup`<div class="page">${notice !== null && noticePart(notice)}${dashboardBody(visit, account, record.object)}</div>`,
    activeFaults,
    publicUrl: stripe.publicUrl,
  })
}
