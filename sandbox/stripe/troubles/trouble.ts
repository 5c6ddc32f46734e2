/**
 * The eight known troubles (SBX-49, SBX-90 to SBX-97), each to be provoked, undone and read back. What a trouble changed is
 * kept with it, so that Undo brings back what was there, after a restart too.
 */
import type { Faults } from '../faults/faults.ts'
import type { Dashboard } from '../dashboard/dashboard.ts'
import type { Mode } from '../views.ts'
import type { TroubleRecord } from '../world/kinds.ts'
import type { World } from '../world/world.ts'

export type { TroubleRecord }

export interface TroubleParts {
  readonly world: World
  readonly dashboard: Dashboard
  readonly faults: Faults
}

export interface Aim {
  readonly account: string
  readonly mode: Mode
  readonly variant: string
}

/** A further press that belongs to the story: a twin of the control API and what it takes. */
export interface Step {
  readonly label: string
  readonly twin: string
  readonly json: Readonly<Record<string, unknown>>
}

/** One line of the state read back. */
export type Reading = readonly [label: string, value: string]

export interface Trouble {
  /** 'SBX-90' */
  readonly number: string
  readonly name: string
  readonly title: string
  /** What an integration should show now. */
  readonly expect: string
  /** Whose trouble it can be: an account connected to a platform, one with an endpoint, or any. */
  readonly aims: 'connected' | 'endpoint' | 'any' | 'nobody'
  readonly variants: readonly { readonly value: string; readonly label: string }[]
  /** Makes it happen; returns what Undo needs. Throws ControlRefused with what is missing for it. */
  provoke(parts: TroubleParts, aim: Aim): Readonly<Record<string, unknown>>
  /** Brings back what was there before. */
  undo(parts: TroubleParts, record: TroubleRecord): void
  /** What only a person at Stripe can do about it, when the remedy is not in the integration. */
  readonly human?: {
    readonly label: string
    act(parts: TroubleParts, record: TroubleRecord): void
  }
  steps?(parts: TroubleParts, record: TroubleRecord): readonly Step[]
  read(parts: TroubleParts, record: TroubleRecord): readonly Reading[]
}
