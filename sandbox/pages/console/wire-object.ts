/** Reading fields of Stripe's wire objects, whose shape the pages do not know in advance. */

import type { WireObject } from '../../stripe/index.ts'

/** A text field; for an expanded object its id, for anything else an empty string. */
export function textOf(object: WireObject, field: string): string {
  const value = object[field]
  if (typeof value === 'string') return value
  if (typeof value === 'object' && value !== null && 'id' in value) return String(value.id)
  return ''
}

export function numberOf(object: WireObject, field: string): number | null {
  const value = object[field]
  return typeof value === 'number' ? value : null
}

/** A group inside an object; empty when there is none. */
export function recordOf(object: WireObject, field: string): WireObject {
  const value = object[field]
  return typeof value === 'object' && value !== null ? (value as WireObject) : {}
}

/** A list of texts. */
export function listOf(object: WireObject, field: string): readonly string[] {
  const value = object[field]
  return Array.isArray(value) ? value.map(String) : []
}
