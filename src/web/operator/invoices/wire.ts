/** What the API answers about invoices. */
import { moneyText } from '#kernel'
import type { Api } from '#web/api'
import type { AnswerOf, Tone, WireMoney } from '#web/ui'

export type Invoice = AnswerOf<Api, '/api/v1/w/:slug/invoices/:invoiceId'>
export type InvoiceList = AnswerOf<Api, '/api/v1/w/:slug/invoices'>
export type InvoiceRow = InvoiceList['rows'][number]
export type Party = Invoice['seller']
export type Line = Invoice['lines'][number]
export type Payment = Invoice['payments'][number]
export type Refund = Invoice['refunds'][number]
export type RefundList = AnswerOf<Api, '/api/v1/w/:slug/refunds'>
export type RefundRow = RefundList['rows'][number]
export type TimelineEntry = Invoice['timeline'][number]

const factWords: Readonly<Record<string, string>> = { overdue: 'overdue', credited: 'credited', disputed: 'disputed' }

/** What holds beside the label, as plain text after the badge (UI-57): `$40.00 of $120.00 paid · overdue`. */
export function besideLabel({ label, facts }: Pick<Invoice, 'label' | 'facts'>): string {
  const others = facts
    .flatMap((fact) => factWords[fact] ?? [])
    .filter((word) => !label.text.toLowerCase().includes(word))
  return [label.detail, ...others].filter(Boolean).join(' · ')
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
