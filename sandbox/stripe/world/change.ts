/** One change of the world while it is made. */
import type { Kind, Row } from './kinds.ts'
import type { Space } from './space.ts'

/** The change being made: what it wrote, how to take it back, what follows when it is safe. */
export interface OpenChange {
  readonly puts: [Space, Row][]
  readonly removes: [Space, Kind, string][]
  readonly undo: (() => void)[]
  readonly after: (() => void)[]
}

/** Whether an error says that what was written before it stays. */
export function keepsEffects(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'keepsEffects' in error && error.keepsEffects === true
}
