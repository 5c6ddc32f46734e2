/** Addresses of the console. Pages read; every button calls its twin of the control API (press.ts). */
import type { Route } from '../../http.ts'
import type { RunningSandbox } from '../../stripe/index.ts'
import { accountPage } from './accounts/account-page.ts'
import { accountsPage } from './accounts/accounts-page.ts'
import { newEndpointPage } from './endpoints/endpoint-form.ts'
import { endpointsPage } from './endpoints/endpoints-page.ts'
import { faultRoutes } from './faults/fault-routes.ts'
import { eventPage } from './log/event-page.ts'
import { eventsPage } from './log/events-page.ts'
import { requestPage } from './log/request-page.ts'
import { requestsPage } from './log/requests-page.ts'
import { balancePage } from './money/balance-page.ts'
import { paymentPage } from './money/payment-page.ts'
import { paymentsPage } from './money/payments-page.ts'
import { Notices } from './notices.ts'
import { overviewPage } from './overview/overview-page.ts'
import { pressRoutes } from './press.ts'
import { pageRoute } from './visit.ts'

/** `twins` is the control API: a button does what the twin at the same address does. */
export function consoleRoutes(stripe: RunningSandbox, twins: readonly Route[]): Route[] {
  const notices = new Notices()
  const page = (path: string, show: Parameters<typeof pageRoute>[2]): Route =>
    pageRoute({ stripe, notices }, `/_sandbox${path}`, show)
  return [
    page('', overviewPage),
    page('/requests', requestsPage),
    page('/requests/:id', requestPage),
    page('/events', eventsPage),
    page('/events/:id', eventPage),
    page('/endpoints', endpointsPage),
    page('/endpoints/new', newEndpointPage),
    page('/accounts', accountsPage),
    page('/accounts/:id', accountPage),
    page('/payments', paymentsPage),
    page('/payments/:id', paymentPage),
    page('/balance', balancePage),
    ...faultRoutes({ stripe, notices }),
    ...pressRoutes({ notices, twins, settle: () => stripe.runDue() }),
  ]
}
