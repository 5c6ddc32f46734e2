/** What the API answers about spaces. */
import type { Can, ListPage, Tone, WireMoney } from '#web/ui'

export type SpaceState = 'available' | 'reserved' | 'held' | 'occupied' | 'suspended'

export type SpaceRow = {
  readonly id: string
  readonly number: string
  readonly title: string
  readonly categoryId: string
  readonly categoryName: string
  readonly prices: readonly { readonly interval: string; readonly label: string; readonly price: WireMoney }[]
  readonly deposit: WireMoney
  readonly state: SpaceState
  readonly stateLabel: string
  readonly availableFrom?: string | undefined
  readonly renter?: { readonly id: string; readonly name: string; readonly since: string } | undefined
  readonly can: { readonly checkOut: Can }
}

export type SpaceList = ListPage<SpaceRow> & {
  readonly tabs: {
    readonly available: number
    readonly checkedOut: number
    readonly suspended: number
    readonly all: number
  }
}

export type Category = { readonly id: string; readonly code: string; readonly name: string }

export const toneOf: Record<SpaceState, Tone> = {
  available: 'green',
  reserved: 'blue',
  held: 'yellow',
  occupied: 'grey',
  suspended: 'red',
}
