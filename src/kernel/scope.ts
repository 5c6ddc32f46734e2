/** Nothing of an operator is read or written without one (ARC §4). Test and live never mix (L10). */
export type Mode = 'test' | 'live'

export type Scope = { readonly operatorId: string; readonly mode: Mode }

export function isMode(value: unknown): value is Mode {
  return value === 'test' || value === 'live'
}
