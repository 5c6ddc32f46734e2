import { describe, expect, it } from 'vitest'
import { apiBase, consolePaths, openPath, readPath, screens, streamPath } from './addresses.ts'

describe('addresses', () => {
  const path = consolePaths({ slug: 'harbour', mode: 'test' })

  it('UI-75 is the site map', () => {
    expect(screens).toMatchInlineSnapshot(`
      {
        "agreement": "/w/$slug/settings/agreements/$agreementId",
        "agreements": "/w/$slug/settings/agreements",
        "audit": "/w/$slug/admin/audit",
        "book": "/book/$slug",
        "books": "/w/$slug/reports/books",
        "categories": "/w/$slug/settings/categories",
        "checkOut": "/w/$slug/check-out",
        "checkOutStep": "/w/$slug/check-out/$draftId/$step",
        "company": "/w/$slug/settings/company",
        "connectResume": "/connect/resume/$token",
        "dashboard": "/w/$slug",
        "diagnosis": "/w/$slug/admin/diagnosis",
        "forgotPassword": "/forgot-password",
        "home": "/",
        "installation": "/w/$slug/admin/installation",
        "integrations": "/w/$slug/admin/integrations",
        "invoice": "/w/$slug/billing/invoices/$invoiceId",
        "invoices": "/w/$slug/billing/invoices",
        "lease": "/w/$slug/leases/$leaseId",
        "leases": "/w/$slug/leases",
        "newRenter": "/w/$slug/renters/new",
        "newSpaces": "/w/$slug/spaces/new",
        "onboarding": "/w/$slug/onboarding/$step",
        "onboardingPayments": "/v2/preview/onboarding",
        "pay": "/pay/$token",
        "payMethod": "/pay/method/$token",
        "payReturn": "/pay/return",
        "payments": "/w/$slug/settings/payments",
        "payout": "/w/$slug/bank/payouts/$payoutId",
        "payoutList": "/w/$slug/bank/payouts",
        "payouts": "/w/$slug/settings/payouts",
        "refunds": "/w/$slug/billing/refunds",
        "renter": "/w/$slug/renters/$renterId",
        "renters": "/w/$slug/renters",
        "resetPassword": "/reset-password/$token",
        "signIn": "/sign-in",
        "signUp": "/sign-up",
        "space": "/w/$slug/spaces/$spaceId",
        "spaces": "/w/$slug/spaces",
        "taxes": "/w/$slug/settings/taxes",
        "verifyEmail": "/verify-email",
        "webhooks": "/w/$slug/settings/webhooks",
      }
    `)
  })

  it('UI-3 carries the mode on every address of the console', () => {
    expect(path('dashboard', {})).toBe('/w/harbour?mode=test')
    expect(path('invoice', { invoiceId: 'inv_1' })).toBe('/w/harbour/billing/invoices/inv_1?mode=test')
    expect(consolePaths({ slug: 'harbour', mode: 'live' })('spaces', {}, { tab: 'all' })).toBe(
      '/w/harbour/spaces?tab=all&mode=live',
    )
  })

  it('UI-21 leaves out what is not set and escapes what is', () => {
    expect(path('renters', {}, { text: '', after: undefined })).toBe('/w/harbour/renters?mode=test')
    expect(path('renters', {}, { text: 'a&b c' })).toBe('/w/harbour/renters?text=a%26b+c&mode=test')
    expect(openPath('signIn', {}, { next: '/w/harbour?mode=test' })).toBe('/sign-in?next=%2Fw%2Fharbour%3Fmode%3Dtest')
    expect(openPath('pay', { token: 'a/b' })).toBe('/pay/a%2Fb')
  })

  it('reads the parts of a path back', () => {
    expect(readPath('pay', '/pay/a%2Fb')).toEqual({ token: 'a/b' })
    expect(readPath('pay', '/pay/')).toBeUndefined()
    expect(readPath('pay', '/pay/a/b')).toBeUndefined()
  })

  it('gives the API the same slug', () => {
    expect(apiBase('harbour')).toBe('/api/v1/w/harbour')
    expect(streamPath({ slug: 'harbour', mode: 'live' })).toBe('/api/v1/stream?operator=harbour&mode=live')
  })
})
