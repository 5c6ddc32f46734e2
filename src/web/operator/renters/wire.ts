/** What the API answers about renters, and what a person types about one. */
import type { Api } from '#web/api'
import type { AnswerOf, Tone } from '#web/ui'

export type Renter = AnswerOf<Api, '/api/v1/w/:slug/renters/:renterId'>
export type RenterList = AnswerOf<Api, '/api/v1/w/:slug/renters'>
export type RenterRow = RenterList['rows'][number]
export type InvoiceList = AnswerOf<Api, '/api/v1/w/:slug/invoices'>
export type Method = Renter['methods'][number]
export type LeaseRow = Renter['leases'][number]

export const statusWords: Record<RenterRow['status'], { readonly label: string; readonly tone: Tone }> = {
  active: { label: 'Active', tone: 'green' },
  inactive: { label: 'Inactive', tone: 'yellow' },
  suspended: { label: 'Suspended', tone: 'red' },
}

export type RenterValues = {
  kind: string
  name: string
  businessName: string
  email: string
  phone: string
  billingAddress: string
  taxNumber: string
  manualPaymentsAllowed: boolean
}

export const emptyRenter: RenterValues = {
  kind: 'person',
  name: '',
  businessName: '',
  email: '',
  phone: '',
  billingAddress: '',
  taxNumber: '',
  manualPaymentsAllowed: false,
}
