/** What the API answers about leases. */
import type { Can, ListPage, Tone, WireMoney } from '#web/ui'

export type LeaseRow = {
  readonly id: string
  readonly space: { readonly id: string; readonly number: string }
  readonly renter: { readonly id: string; readonly name: string }
  readonly state: string
  readonly stateLabel: string
  readonly startOn: string
  readonly interval: string
  readonly intervalLabel: string
  readonly price: WireMoney
  readonly deposit: WireMoney
  readonly balance: WireMoney
}

export type LeaseList = ListPage<LeaseRow>

export type Planned = {
  readonly periodStart: string
  readonly periodEnd: string
  readonly issueOn: string
  readonly dueOn: string
  readonly chargeOn: string
  readonly total: WireMoney
}

export type Lease = LeaseRow & {
  readonly agreement?:
    | {
        readonly version: number
        readonly title: string
        readonly acceptedName: string
        readonly acceptedAt: string
        readonly text: string
      }
    | undefined
  readonly schedule: readonly Planned[]
  readonly invoices: readonly {
    readonly id: string
    readonly number: string
    readonly total: WireMoney
    readonly label: { readonly text: string; readonly tone: Tone }
  }[]
  readonly can: { readonly cancel: Can }
}

const tones: Readonly<Record<string, Tone>> = {
  active: 'green',
  awaiting_payment: 'yellow',
  awaiting_acceptance: 'yellow',
  notice_given: 'yellow',
  reserved: 'blue',
}

export function leaseTone(state: string): Tone {
  return tones[state] ?? 'grey'
}
