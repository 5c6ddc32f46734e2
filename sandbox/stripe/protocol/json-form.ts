/** The JSON bodies of v2 as the tree of texts that parameters read: v1 and v2 share their rules from there on (SBX-11). */
import { refuse } from '../errors.ts'
import { emptyGroup } from './form.ts'
import type { FormGroup, FormValue } from './form.ts'

const deepest = 12

/** Throws StripeRefusal when the body is no JSON object. A null stands for "unset", as an empty text does in a form. */
export function parseJsonForm(text: string): FormGroup {
  const read = parse(text)
  if (typeof read !== 'object' || read === null || Array.isArray(read))
    throw refuse('The request body must be a JSON object.')
  return toGroup(read, 1)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) throw refuse('Invalid JSON in the request body.')
    throw error
  }
}

function toGroup(value: object, depth: number): FormGroup {
  if (depth > deepest) throw refuse('Invalid JSON: the parameters are nested too deeply.')
  const group = emptyGroup()
  for (const [name, inner] of Object.entries(value)) group[name] = toValue(inner, depth)
  return group
}

function toValue(value: unknown, depth: number): FormValue {
  if (value === null) return ''
  if (Array.isArray(value)) return value.map((inner) => toValue(inner, depth + 1))
  return typeof value === 'object' ? toGroup(value, depth + 1) : String(value)
}
