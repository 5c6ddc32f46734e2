/** What the API answers about renters. */
import type { Can, ListPage, Tone, WireMoney } from '#web/ui'

export type RenterRow = {
  readonly id: string
  readonly number: string
  readonly kind: 'person' | 'company'
  readonly name: string
  readonly businessName: string
  readonly email: string
  readonly phone: string
  readonly status: 'active' | 'inactive' | 'suspended'
  readonly balance: WireMoney
  readonly overdue: WireMoney
}

export type RenterList = ListPage<RenterRow>

export type Method = {
  readonly id: string
  readonly label: string
  readonly kind: string
  readonly expires?: string | undefined
  readonly isDefault: boolean
  readonly unusableReason?: string | undefined
}

export type LeaseRow = {
  readonly id: string
  readonly space: { readonly id: string; readonly number: string }
  readonly state: string
  readonly stateLabel: string
  readonly startOn: string
  readonly intervalLabel: string
  readonly price: WireMoney
}

export type Renter = RenterRow & {
  readonly billingAddress: string
  readonly taxNumber: string
  readonly manualPaymentsAllowed: boolean
  readonly version: number
  readonly methods: readonly Method[]
  readonly banners: readonly { readonly code: string; readonly title: string; readonly text: string }[]
  readonly leases: readonly LeaseRow[]
  readonly can: { readonly addCard: Can }
}

export const statusWords: Record<RenterRow['status'], { readonly label: string; readonly tone: Tone }> = {
  active: { label: 'Active', tone: 'green' },
  inactive: { label: 'Inactive', tone: 'yellow' },
  suspended: { label: 'Suspended', tone: 'red' },
}

/** What a person types about a renter. */
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
