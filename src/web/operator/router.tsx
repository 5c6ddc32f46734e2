/**
 * Which screen stands at which address. Patterns come from the site map; each place is a chunk of its own, loaded when it is
 * first visited. Links everywhere are plain anchors: the root listens for clicks on them and goes there without a page load.
 */
import { screens } from '#web/paths'
import { Page, ProblemAlert, problemOf } from '#web/ui'
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type AnyRoute,
  type ErrorComponentProps,
} from '@tanstack/react-router'
import { ConsoleScreens } from './console.tsx'
import { HomeScreen } from './home.tsx'
import { followLinks } from './links.ts'
import { NoSuchAddress, PlainScreen } from './plain-screen.tsx'

type Loader = Parameters<typeof lazyRouteComponent>[0]
type Place = readonly [pattern: string, load: Loader, component: string]

const identity = () => import('./identity/page.tsx')
const identityPlaces: readonly Place[] = [
  [screens.signIn, identity, 'SignInPage'],
  [screens.signUp, identity, 'SignUpPage'],
  [screens.verifyEmail, identity, 'VerifyEmailPage'],
  [screens.forgotPassword, identity, 'ForgotPasswordPage'],
  [screens.resetPassword, identity, 'ResetPasswordPage'],
]

const spaces = () => import('./spaces/page.tsx')
const renters = () => import('./renters/page.tsx')
const leases = () => import('./leases/page.tsx')
const checkOut = () => import('./check-out/page.tsx')
const invoices = () => import('./invoices/page.tsx')
const agreements = () => import('./agreements/page.tsx')
const onboarding = () => import('./onboarding/page.tsx')
const payouts = () => import('./payouts/page.tsx')

const consolePlaces: readonly Place[] = [
  [screens.dashboard, () => import('./dashboard/page.tsx'), 'DashboardPage'],
  [screens.spaces, spaces, 'SpacesPage'],
  [screens.newSpaces, spaces, 'NewSpacesPage'],
  [screens.space, spaces, 'SpacePage'],
  [screens.checkOut, checkOut, 'CheckOutStart'],
  [screens.checkOutStep, checkOut, 'CheckOutPage'],
  [screens.leases, leases, 'LeasesPage'],
  [screens.lease, leases, 'LeasePage'],
  [screens.renters, renters, 'RentersPage'],
  [screens.newRenter, renters, 'NewRenterPage'],
  [screens.renter, renters, 'RenterPage'],
  [screens.invoices, invoices, 'InvoicesPage'],
  [screens.invoice, invoices, 'InvoicePage'],
  [screens.refunds, invoices, 'RefundsPage'],
  [screens.payoutList, payouts, 'PayoutListPage'],
  [screens.payout, payouts, 'PayoutPage'],
  [screens.books, () => import('./books/page.tsx'), 'BooksPage'],
  [screens.integrations, () => import('./integrations/page.tsx'), 'IntegrationsPage'],
  [screens.diagnosis, () => import('./diagnosis/page.tsx'), 'DiagnosisPage'],
  [screens.audit, () => import('./audit/page.tsx'), 'AuditPage'],
  [screens.installation, () => import('./installation/page.tsx'), 'InstallationPage'],
  [screens.company, () => import('./company/page.tsx'), 'CompanyPage'],
  [screens.categories, () => import('./categories/page.tsx'), 'CategoriesPage'],
  [screens.payouts, payouts, 'PayoutsPage'],
  [screens.taxes, () => import('./taxes/page.tsx'), 'TaxesPage'],
  [screens.agreements, agreements, 'AgreementsPage'],
  [screens.agreement, agreements, 'AgreementPage'],
  [screens.onboarding, onboarding, 'OnboardingPage'],
  [screens.onboardingPayments, () => import('./onboarding-payments/page.tsx'), 'OnboardingPaymentsPage'],
  [screens.payments, () => import('./payments-settings/page.tsx'), 'PaymentsPage'],
  [screens.webhooks, () => import('./webhooks/page.tsx'), 'WebhooksPage'],
]

function ScreenFailure({ error, reset }: ErrorComponentProps) {
  return (
    <Page title="This screen stopped working">
      <ProblemAlert problem={problemOf(error)} onRetry={reset} />
    </Page>
  )
}

function PlainScreens() {
  return (
    <PlainScreen>
      <Outlet />
    </PlainScreen>
  )
}

function routesOf(places: readonly Place[], parent: AnyRoute): AnyRoute[] {
  return places.map(([path, load, component]) =>
    createRoute({
      getParentRoute: () => parent,
      path,
      component: lazyRouteComponent(load, component),
      errorComponent: ScreenFailure,
    }),
  )
}

/** The query is text and nothing else: `?after=12` is the text `12`. */
function readQuery(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search))
}

function writeQuery(query: Record<string, string | undefined>): string {
  const written = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value) written.set(name, value)
  const text = written.toString()
  return text === '' ? '' : `?${text}`
}

export function createConsoleRouter() {
  const root = createRootRoute({ component: Outlet, notFoundComponent: NoSuchAddress })
  const home = createRoute({ getParentRoute: () => root, path: screens.home, component: HomeScreen })
  const plain = createRoute({ getParentRoute: () => root, id: 'plain', component: PlainScreens })
  const frame = createRoute({ getParentRoute: () => root, id: 'console', component: ConsoleScreens })
  const routeTree = root.addChildren([
    home,
    plain.addChildren(routesOf(identityPlaces, plain)),
    frame.addChildren(routesOf(consolePlaces, frame)),
  ])
  const router = createRouter({
    routeTree,
    parseSearch: readQuery,
    stringifySearch: writeQuery,
    scrollRestoration: true,
    defaultPendingMs: 150,
  })
  followLinks(router)
  return router
}
