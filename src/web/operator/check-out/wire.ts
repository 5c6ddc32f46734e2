/** What the API answers about a check-out that is being put together. */
import type { Can, ListPage, WireMoney } from '#web/ui'

export type Space = {
  readonly id: string
  readonly number: string
  readonly title: string
  readonly categoryName: string
  readonly prices: readonly { readonly interval: string; readonly label: string; readonly price: WireMoney }[]
  readonly deposit: WireMoney
  readonly can: { readonly checkOut: Can }
}

export type SpaceList = ListPage<Space>

export type RenterRow = {
  readonly id: string
  readonly number: string
  readonly name: string
  readonly businessName: string
  readonly email: string
}

export type Renter = RenterRow & {
  readonly kind: 'person' | 'company'
  readonly phone: string
  readonly billingAddress: string
  readonly taxNumber: string
  readonly manualPaymentsAllowed: boolean
  readonly version: number
  readonly methods: readonly { readonly id: string; readonly label: string; readonly isDefault: boolean; readonly unusableReason?: string | undefined }[]
  readonly can: { readonly addCard: Can }
}

export type PreviewLine = {
  readonly kind: string
  readonly description: string
  readonly net: WireMoney
  readonly tax: WireMoney
  readonly total: WireMoney
  readonly taxName: string
  readonly taxPercent: string
  readonly formula?: string | undefined
}

export type Planned = {
  readonly periodStart: string
  readonly periodEnd: string
  readonly issueOn: string
  readonly dueOn: string
  readonly chargeOn?: string | undefined
  readonly total: WireMoney
}

export type Preview = {
  readonly invoice: {
    readonly lines: readonly PreviewLine[]
    readonly subtotal: WireMoney
    readonly tax: WireMoney
    readonly total: WireMoney
    readonly issueOn: string
    readonly dueOn: string
    readonly chargeOn?: string | undefined
  }
  readonly next: readonly Planned[]
  readonly notes: readonly string[]
  readonly banners: readonly { readonly code: string; readonly title: string; readonly text: string }[]
  readonly previewHash: string
  readonly agreement?: { readonly id: string; readonly version: number; readonly title: string; readonly text: string } | undefined
}

/** Codes of the banners that are about paying; the others are about the agreement. */
export function paymentBanner({ banners }: Preview): Preview['banners'][number] | undefined {
  return banners.find(({ code }) => code.startsWith('payment'))
}
