/** What the API answers about invoices. */
import { moneyText } from '#kernel'
import type { Can, ListPage, Tone, WireMoney } from '#web/ui'

export type Label = { readonly text: string; readonly tone: Tone; readonly detail?: string | undefined }

export type InvoiceRow = {
  readonly id: string
  readonly number: string
  readonly kind: string
  readonly renter: { readonly id: string; readonly name: string }
  readonly issueOn: string
  readonly dueOn: string
  readonly total: WireMoney
  readonly balance: WireMoney
  readonly label: Label
  readonly facts: readonly string[]
}

export type InvoiceList = ListPage<InvoiceRow> & {
  readonly figures: { readonly outstanding: readonly WireMoney[]; readonly overdue: readonly WireMoney[] }
}

export type Party = {
  readonly name: string
  readonly businessName?: string | undefined
  readonly email?: string | undefined
  readonly phone?: string | undefined
  readonly address?: string | undefined
  readonly taxNumber?: string | undefined
}

export type Line = {
  readonly kind: string
  readonly description: string
  readonly quantity: string
  readonly unit: WireMoney
  readonly net: WireMoney
  readonly tax: WireMoney
  readonly total: WireMoney
  readonly taxName: string
  readonly taxPercent: string
  readonly serviceStart?: string | undefined
  readonly serviceEnd?: string | undefined
}

export type Payment = {
  readonly id: string
  readonly at: string
  readonly method: string
  readonly state: string
  readonly stateLabel: string
  readonly amount: WireMoney
  readonly refundable: WireMoney
  readonly reason?: string | undefined
  readonly reference?: string | undefined
  readonly stripeIds: readonly string[]
}

export type Refund = {
  readonly id: string
  readonly at: string
  readonly amount: WireMoney
  readonly state: string
  readonly stateLabel: string
  readonly reason: string
  readonly detail?: string | undefined
}

export type TimelineEntry = {
  readonly at: string
  readonly title: string
  readonly detail?: string | undefined
  readonly actor: string
  readonly amount?: WireMoney | undefined
}

export type Invoice = {
  readonly id: string
  readonly number: string
  readonly kind: string
  readonly status: string
  readonly label: Label
  readonly facts: readonly string[]
  readonly isTest: boolean
  readonly renter: { readonly id: string; readonly name: string; readonly businessName: string; readonly email: string }
  readonly lease?: { readonly id: string } | undefined
  readonly space?: { readonly id: string; readonly number: string } | undefined
  readonly seller: Party
  readonly buyer: Party
  readonly lines: readonly Line[]
  readonly subtotal: WireMoney
  readonly tax: WireMoney
  readonly total: WireMoney
  readonly credited: WireMoney
  readonly paid: WireMoney
  readonly balance: WireMoney
  readonly issueOn: string
  readonly dueOn: string
  readonly chargeOn?: string | undefined
  readonly payments: readonly Payment[]
  readonly refunds: readonly Refund[]
  readonly credits: readonly {
    readonly id: string
    readonly number: string
    readonly total: WireMoney
    readonly reason: string
  }[]
  readonly timeline: readonly TimelineEntry[]
  readonly collection: {
    readonly method?: { readonly id: string; readonly label: string } | undefined
    readonly text: string
  }
  readonly can: {
    readonly takePayment: Can
    readonly recordPayment: Can
    readonly refund: Can
    readonly void: Can
    readonly addCard: Can
    readonly checkAgain: Can
    readonly authenticate: Can
    readonly cancelPayment: Can
  }
}

const paymentTones: Readonly<Record<string, Tone>> = {
  requires_action: 'yellow',
  succeeded: 'green',
  failed: 'red',
  canceled: 'grey',
}

export function paymentTone(state: string): Tone {
  return paymentTones[state] ?? 'blue'
}

const refundTones: Readonly<Record<string, Tone>> = {
  waiting_funds: 'yellow',
  requires_action: 'yellow',
  succeeded: 'green',
  failed: 'red',
  canceled: 'grey',
}

export function refundTone(state: string): Tone {
  return refundTones[state] ?? 'blue'
}

/** The amount as one would type it. */
export function decimalOf({ amountMinor, currency }: WireMoney): string {
  return moneyText({ amountMinor: BigInt(amountMinor), currency })
}
