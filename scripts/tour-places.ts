/**
 * What the tour visits: every address of the site map, and some dialogs and states beside them. A screen of the map that nothing here
 * shows makes the tour fail.
 */
import { consolePaths, openPath, screens } from '#web/paths'
import type { Page } from 'playwright-core'
import type { Seeded } from './tour-demo.ts'
import { webhookPlaces, type Road } from './tour-webhooks.ts'

export type Place = {
  readonly name: string
  readonly screen: keyof typeof screens
  readonly href: string
  readonly shows: string
  /** Done on the screen before the picture is taken. */
  readonly deed?: (page: Page) => Promise<void>
  /** Seen by a visitor who is not signed in. */
  readonly isOpen?: true
}

export type Extras = { readonly payLink: string; readonly agreementId: string; readonly road: Road }

const token = 'A'.repeat(43)
const path = consolePaths({ slug: 'harbour-desks', mode: 'test' })

const button = (name: string) => (page: Page) => page.getByRole('button', { name, exact: true }).first().click()

function openPlaces({ payLink }: Extras): readonly Place[] {
  const open = { isOpen: true } as const
  return [
    {
      name: 'sign-in',
      screen: 'signIn',
      href: openPath('signIn', {}),
      shows: 'Signing in, and the door to the demo',
      ...open,
    },
    {
      name: 'home',
      screen: 'home',
      href: openPath('home', {}),
      shows: 'The first address leads a visitor to sign-in',
      ...open,
    },
    { name: 'sign-up', screen: 'signUp', href: openPath('signUp', {}), shows: 'Signing up', ...open },
    {
      name: 'verify-email',
      screen: 'verifyEmail',
      href: openPath('verifyEmail', {}, { token }),
      shows: 'A confirmation link that ended',
      ...open,
    },
    {
      name: 'forgot-password',
      screen: 'forgotPassword',
      href: openPath('forgotPassword', {}),
      shows: 'Asking for a link',
      ...open,
    },
    {
      name: 'reset-password',
      screen: 'resetPassword',
      href: openPath('resetPassword', { token }),
      shows: 'Setting a new password',
      ...open,
    },
    {
      name: 'pay-return',
      screen: 'payReturn',
      href: openPath('payReturn', {}),
      shows: 'Where a bank sends the renter',
      ...open,
    },
    {
      name: 'booking-page',
      screen: 'book',
      href: openPath('book', { slug: 'harbour-desks' }),
      shows: 'What anybody sees of an operator: what is free, and whether paid bookings are open',
      ...open,
    },
    { name: 'pay-link', screen: 'pay', href: payLink, shows: 'The bank asks the renter to confirm', ...open },
  ]
}

function rentingPlaces({ spaces, renters, leases }: Seeded): readonly Place[] {
  const [space, renter, free] = [spaces[0]?.id ?? '', renters[0]?.id ?? '', spaces[5]?.id ?? '']
  return [
    {
      name: 'dashboard',
      screen: 'dashboard',
      href: path('dashboard', {}),
      shows: 'Figures, first steps, what needs attention',
    },
    { name: 'spaces', screen: 'spaces', href: path('spaces', {}), shows: 'Which spaces are free and which are rented' },
    {
      name: 'spaces-none-match',
      screen: 'spaces',
      href: path('spaces', {}, { text: 'zzz' }),
      shows: 'Nothing matches the search',
    },
    { name: 'spaces-new', screen: 'newSpaces', href: path('newSpaces', {}), shows: 'Adding spaces' },
    { name: 'space', screen: 'space', href: path('space', { spaceId: space }), shows: 'A rented space' },
    { name: 'renters', screen: 'renters', href: path('renters', {}), shows: 'Who rents and what they owe' },
    { name: 'renter-new', screen: 'newRenter', href: path('newRenter', {}), shows: 'Adding a renter' },
    {
      name: 'renter',
      screen: 'renter',
      href: path('renter', { renterId: renter }),
      shows: 'A renter with card, lease and invoice',
    },
    { name: 'leases', screen: 'leases', href: path('leases', {}), shows: 'Who has which space on what terms' },
    {
      name: 'lease',
      screen: 'lease',
      href: path('lease', { leaseId: leases[0] ?? '' }),
      shows: 'A lease with its next invoices',
    },
    {
      name: 'check-out',
      screen: 'checkOut',
      href: path('checkOut', {}, { space: free, renter }),
      shows: 'Checking out: the terms, with the price beside them',
      deed: (page) => page.getByLabel('Start date').waitFor(),
    },
    {
      name: 'check-out-payment',
      screen: 'checkOutStep',
      href: path('checkOut', {}, { space: free, renter }),
      shows: 'Checking out: payment and agreement',
      deed: walkToPayment,
    },
  ]
}

async function walkToPayment(page: Page): Promise<void> {
  await page.getByLabel('Start date').waitFor()
  await button('Continue')(page)
  await page.getByText('Held for the renter').waitFor()
  await button('Continue')(page)
  await page.getByText('Payment method ready').waitFor()
}

function moneyPlaces({ invoices }: Seeded): readonly Place[] {
  const [paid = '', waiting = '', failed = '', due = ''] = invoices
  const invoice = (invoiceId: string) => ({ screen: 'invoice' as const, href: path('invoice', { invoiceId }) })
  return [
    { name: 'invoices', screen: 'invoices', href: path('invoices', {}), shows: 'Who owes what' },
    { name: 'invoice-paid', ...invoice(paid), shows: 'Paid, and partly refunded' },
    { name: 'invoice-renter-must-act', ...invoice(waiting), shows: 'The bank wants the renter (3-D Secure)' },
    { name: 'invoice-failed', ...invoice(failed), shows: 'A declined card with its reason' },
    { name: 'invoice-due', ...invoice(due), shows: 'To be paid by hand' },
    { name: 'invoice-refund', ...invoice(paid), shows: 'Returning a part', deed: button('Process refund') },
    { name: 'invoice-record', ...invoice(due), shows: 'Recording cash', deed: button('Record payment') },
    {
      name: 'invoice-void',
      ...invoice(failed),
      shows: 'Voiding, after the reason was left out',
      deed: voidWithoutReason,
    },
    { name: 'invoice-missing', ...invoice(`inv_${'0'.repeat(32)}`), shows: 'An address that leads nowhere' },
    { name: 'books', screen: 'books', href: path('books', {}), shows: 'The trial balance' },
  ]
}

async function voidWithoutReason(page: Page): Promise<void> {
  await button('Void')(page)
  await page.getByRole('dialog').getByRole('button', { name: /^Void/ }).click()
  await page.getByText('There is a problem').waitFor()
}

function officePlaces({ road, agreementId }: Extras): readonly Place[] {
  const integrations = { screen: 'integrations' as const, href: path('integrations', {}) }
  return [
    { name: 'integrations', ...integrations, shows: 'Stripe connected, the first event verified' },
    { name: 'integrations-test', ...integrations, shows: 'Test Connection', deed: testConnection },
    { name: 'integrations-swapped', ...integrations, shows: 'A key in the wrong field', deed: swapKeys },
    { name: 'integrations-disconnect', ...integrations, shows: 'Disconnecting', deed: button('Disconnect Stripe') },
    ...webhookPlaces(road),
    {
      name: 'diagnosis',
      screen: 'diagnosis' as const,
      href: path('diagnosis', {}),
      shows: 'Every check with what it says, and its remedy',
      deed: runChecks,
    },
    { name: 'company', screen: 'company', href: path('company', {}), shows: 'The company on invoices' },
    { name: 'categories', screen: 'categories', href: path('categories', {}), shows: 'Prices and deposits' },
    { name: 'taxes', screen: 'taxes', href: path('taxes', {}), shows: 'Tax rates' },
    { name: 'agreements', screen: 'agreements', href: path('agreements', {}), shows: 'Versions of the agreement' },
    {
      name: 'agreement',
      screen: 'agreement',
      href: path('agreement', { agreementId }),
      shows: 'One published version',
    },
  ]
}

async function runChecks(page: Page): Promise<void> {
  await button('Run all checks')(page)
  await page.getByRole('heading', { name: /checks|trouble/ }).waitFor()
}

async function testConnection(page: Page): Promise<void> {
  await button('Test Connection')(page)
  await page.getByText('Connection works').first().waitFor()
}

async function swapKeys(page: Page): Promise<void> {
  await page.getByLabel('Publishable Key').fill('sk_test_sandbox0000000000')
  await page.getByRole('button', { name: /^(Swap|Move it)$/ }).waitFor()
}

export function placesOf(seeded: Seeded, extras: Extras): readonly Place[] {
  return [...openPlaces(extras), ...rentingPlaces(seeded), ...moneyPlaces(seeded), ...officePlaces(extras)]
}

/** Screens of the site map that no place shows. */
export function listUnseen(places: readonly Place[]): readonly string[] {
  return Object.keys(screens).filter((screen) => !places.some((place) => place.screen === screen))
}
