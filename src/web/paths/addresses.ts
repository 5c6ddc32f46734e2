/**
 * Every address a person can see, once (UI-75). `screens` is the site map; the routers take their patterns from it and links are
 * filled in from it, so a link to a screen that does not exist does not compile. Nothing else writes an address.
 */
import type { Mode } from '#kernel'

export const screens = {
  home: '/',
  signIn: '/sign-in',
  signUp: '/sign-up',
  verifyEmail: '/verify-email',
  forgotPassword: '/forgot-password',
  resetPassword: '/reset-password/$token',
  dashboard: '/w/$slug',
  spaces: '/w/$slug/spaces',
  newSpaces: '/w/$slug/spaces/new',
  space: '/w/$slug/spaces/$spaceId',
  checkOut: '/w/$slug/check-out',
  checkOutStep: '/w/$slug/check-out/$draftId/$step',
  leases: '/w/$slug/leases',
  lease: '/w/$slug/leases/$leaseId',
  renters: '/w/$slug/renters',
  newRenter: '/w/$slug/renters/new',
  renter: '/w/$slug/renters/$renterId',
  invoices: '/w/$slug/billing/invoices',
  invoice: '/w/$slug/billing/invoices/$invoiceId',
  refunds: '/w/$slug/billing/refunds',
  payoutList: '/w/$slug/bank/payouts',
  payout: '/w/$slug/bank/payouts/$payoutId',
  books: '/w/$slug/reports/books',
  integrations: '/w/$slug/admin/integrations',
  diagnosis: '/w/$slug/admin/diagnosis',
  audit: '/w/$slug/admin/audit',
  installation: '/w/$slug/admin/installation',
  company: '/w/$slug/settings/company',
  categories: '/w/$slug/settings/categories',
  payouts: '/w/$slug/settings/payouts',
  taxes: '/w/$slug/settings/taxes',
  agreements: '/w/$slug/settings/agreements',
  agreement: '/w/$slug/settings/agreements/$agreementId',
  payments: '/w/$slug/settings/payments',
  webhooks: '/w/$slug/settings/webhooks',
  onboarding: '/w/$slug/onboarding/$step',
  /** Step 7, and where Stripe sends people back to; the operator stands in the query. */
  onboardingPayments: '/v2/preview/onboarding',
  connectResume: '/connect/resume/$token',
  book: '/book/$slug',
  pay: '/pay/$token',
  payReturn: '/pay/return',
  payMethod: '/pay/method/$token',
} as const

export type Screen = keyof typeof screens
export type ConsoleScreen = { [S in Screen]: (typeof screens)[S] extends `/w/$slug${string}` ? S : never }[Screen]
export type OpenScreen = Exclude<Screen, ConsoleScreen>

type Names<Pattern extends string> = Pattern extends `${string}$${infer Rest}`
  ? Rest extends `${infer Name}/${infer Tail}`
    ? Name | Names<Tail>
    : Rest
  : never

/** What an address needs to be complete: `Parts<'invoice'>` is `{ slug: string; invoiceId: string }`. */
type Parts<S extends Screen> = { readonly [Name in Names<(typeof screens)[S]>]: string }
export type ConsoleParts<S extends ConsoleScreen> = Omit<Parts<S>, 'slug'>

/** State worth keeping that lives in the address (UI-21); an empty or missing value is left out. */
export type Query = { readonly [name: string]: string | undefined }

function withQuery(path: string, query: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value) search.set(name, value)
  const text = search.toString()
  return text === '' ? path : `${path}?${text}`
}

function fill(pattern: string, parts: { readonly [name: string]: string }): string {
  return pattern.replaceAll(/\$(\w+)/g, (_, name: string) => {
    const part = parts[name]
    if (part === undefined) throw new Error(`${pattern} needs ${name}`)
    return encodeURIComponent(part)
  })
}

/** The address of a screen outside the console: `openPath('signIn', {}, { next })`. */
export function openPath<S extends OpenScreen>(screen: S, parts: Parts<S>, query: Query = {}): string {
  return withQuery(fill(screens[screen], parts), query)
}

export type ConsoleAddress = { readonly slug: string; readonly mode: Mode }
export type ConsolePath = <S extends ConsoleScreen>(screen: S, parts: ConsoleParts<S>, query?: Query) => string

/** Addresses inside one operator's console; each carries the mode (UI-3). */
export function consolePaths({ slug, mode }: ConsoleAddress): ConsolePath {
  return (screen, parts, query = {}) => withQuery(fill(screens[screen], { ...parts, slug }), { ...query, mode })
}

/** An operator's console with no mode chosen; the console's frame adds the operator's default. */
export function consoleDoor(slug: string): string {
  return fill(screens.dashboard, { slug })
}

/** The parts of a path that follows the pattern of a screen; undefined when it does not. For entries that need no router. */
export function readPath(screen: Screen, path: string): { readonly [name: string]: string } | undefined {
  const form = screens[screen].replaceAll(/\$(\w+)/g, '(?<$1>[^/]+)')
  const match = new RegExp(`^${form}/?$`).exec(path)
  if (match === null) return undefined
  return Object.fromEntries(Object.entries(match.groups ?? {}).map(([name, part]) => [name, decodeURIComponent(part)]))
}

/** Base of an operator's data at the API; the client adds the mode to each call. */
export function apiBase(slug: string): string {
  return `/api/v1/w/${encodeURIComponent(slug)}`
}

/** The stream of changes (UI-26). */
export function streamPath({ slug, mode }: ConsoleAddress): string {
  return withQuery('/api/v1/stream', { operator: slug, mode })
}
