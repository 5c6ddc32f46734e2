/** Addresses of the console. Pages read; the deeds are sending a delivery again and, in fault-routes.ts, arming and clearing faults. */
import { redirect } from '../../http.ts'
import type { Route } from '../../http.ts'
import { ownPagesOnly } from '../form.ts'
import { unknownReply } from './console-page.ts'
import type { ConsoleSandbox } from './console-page.ts'
import { endpointsPage } from './endpoints-page.ts'
import { eventPage } from './event-page.ts'
import { eventsPage } from './events-page.ts'
import { faultRoutes } from './fault-routes.ts'
import { overviewPage } from './overview-page.ts'
import { paymentsPage } from './payments-page.ts'
import { requestPage } from './request-page.ts'
import { requestsPage } from './requests-page.ts'

export function consoleRoutes(stripe: ConsoleSandbox): Route[] {
  return [
    { method: 'GET', pattern: '/_sandbox', handle: () => overviewPage(stripe) },
    { method: 'GET', pattern: '/_sandbox/requests', handle: ({ url }) => requestsPage(stripe, url.searchParams) },
    { method: 'GET', pattern: '/_sandbox/requests/:id', handle: (_, { id = '' }) => requestPage(stripe, id) },
    { method: 'GET', pattern: '/_sandbox/events', handle: ({ url }) => eventsPage(stripe, url.searchParams) },
    { method: 'GET', pattern: '/_sandbox/events/:id', handle: (_, { id = '' }) => eventPage(stripe, id) },
    { method: 'GET', pattern: '/_sandbox/endpoints', handle: () => endpointsPage(stripe) },
    { method: 'GET', pattern: '/_sandbox/payments', handle: ({ url }) => paymentsPage(stripe, url.searchParams) },
    resendRoute(stripe),
    ...faultRoutes(stripe),
  ]
}

function resendRoute(stripe: ConsoleSandbox): Route {
  return ownPagesOnly({
    method: 'POST',
    pattern: '/_sandbox/events/:eventId/deliveries/:id/resend',
    handle: async (_, { eventId = '', id = '' }) => {
      if (!stripe.resendDelivery(id)) {
        return unknownReply(stripe, {
          tab: 'events',
          title: 'There is no such delivery',
          text: 'The sandbox was reset since.',
        })
      }
      await stripe.runDue()
      return redirect(`/_sandbox/events/${eventId}`)
    },
  })
}
