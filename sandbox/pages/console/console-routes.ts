/** Addresses of the console. Pages read; every button calls its twin of the control API (press.ts). */
import type { TimeControl } from '../../clock/index.ts'
import type { Route } from '../../http.ts'
import type { RunningSandbox } from '../../stripe/index.ts'
import { dashboardRoutes } from '../connect/dashboard-routes.ts'
import { accountPage } from './accounts/account-page.ts'
import { accountsPage } from './accounts/accounts-page.ts'
import { newEndpointPage } from './endpoints/endpoint-form.ts'
import { endpointsPage } from './endpoints/endpoints-page.ts'
import { faultsPage } from './faults/faults-page.ts'
import { newFaultPage } from './faults/fault-form.ts'
import { wrongKeysPage } from './faults/wrong-keys-page.ts'
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

export interface ConsoleParts {
  readonly stripe: RunningSandbox
  readonly time: TimeControl
  /** The control API: a button does what its twin here does. */
  readonly control: readonly Route[]
}

export function consoleRoutes({ stripe, time, control }: ConsoleParts): Route[] {
  const notices = new Notices()
  const at = (pattern: string, show: Parameters<typeof pageRoute>[2]): Route =>
    pageRoute({ stripe, time, notices }, pattern, show)
  const page = (path: string, show: Parameters<typeof pageRoute>[2]): Route => at(`/_sandbox${path}`, show)
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
    page('/faults', faultsPage),
    page('/faults/new', newFaultPage),
    page('/faults/keys', wrongKeysPage),
    ...dashboardRoutes(at),
    ...pressRoutes({ notices, twins: control, settle: () => stripe.runDue() }),
  ]
}
