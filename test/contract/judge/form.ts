/**
 * Reads form bodies and query strings for the judge, and gives each text the type its parameter asks for: `amount=100` is a
 * number where a number is wanted, and stays the text it is where none is. Written apart from the sandbox's own reader, so
 * that one mistake cannot hide in both.
 */
import type { Schema } from '../derive/schemas.ts'
import type { Validators } from './validators.ts'

export type Form = { [name: string]: FormValue }
export type FormValue = string | FormValue[] | Form

/** `a[b][c]=1`, `a[]=1` and `a[0]=1`; lists by number are still groups here. */
export function parseForm(text: string): Form {
  const form: Form = {}
  for (const [name, value] of new URLSearchParams(text)) {
    const [head = '', ...rest] = name.replaceAll(']', '').split('[')
    put(form, [head, ...rest], value)
  }
  return form
}

function put(holder: Form, path: readonly string[], value: string): void {
  const [head = '', ...rest] = path
  const name = head === '' ? placeOfNext(holder, rest) : head
  if (rest.length === 0) {
    holder[name] = value
    return
  }
  const held = (holder[name] ??= {})
  if (isHash(held)) put(held, rest, value)
}

/** An empty segment appends; `a[][b]=1&a[][c]=2` go into one element, `a[][b]=1&a[][b]=2` into two. */
function placeOfNext(list: Form, rest: readonly string[]): string {
  const length = Object.keys(list).length
  const last = list[String(length - 1)]
  const isOpen = rest.length > 0 && isHash(last) && !isFilled(last, rest)
  return String(isOpen ? length - 1 : length)
}

function isFilled(holder: Form, [head = '', ...rest]: readonly string[]): boolean {
  const held = holder[head]
  return rest.length === 0 || !isHash(held) ? held !== undefined : isFilled(held, rest)
}

function isHash(value: FormValue | undefined): value is Form {
  return typeof value === 'object' && !Array.isArray(value)
}

/** The form as JSON of the schema's types. What fits no type stays as it came, for the validator to find. */
export function decode(value: FormValue, schema: Schema, validators: Validators): unknown {
  const choices = branchesOf(schema, validators)
  if (typeof value === 'string') return decodeText(value, choices)
  const list = choices.find(({ type }) => type === 'array')
  const isNumbered = !Array.isArray(value) && Object.keys(value).every((name) => /^\d+$/.test(name))
  if (list?.items !== undefined && isNumbered) {
    const { items } = list
    return Object.values(value).map((one) => decode(one, items, validators))
  }
  const objects = choices.filter(({ type }) => type === 'object')
  const fieldOf = (name: string): Schema => {
    const owner = objects.find(({ properties }) => properties !== undefined && Object.hasOwn(properties, name))
    const rest = objects.find(({ additionalProperties }) => typeof additionalProperties === 'object')
    return owner?.properties?.[name] ?? (rest?.additionalProperties as Schema | undefined) ?? {}
  }
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, decode(one, fieldOf(name), validators)]))
}

function branchesOf(schema: Schema, validators: Validators): readonly Schema[] {
  const { schema: resolved } = validators.resolve(schema)
  return resolved.anyOf === undefined ? [resolved] : resolved.anyOf.flatMap((one) => branchesOf(one, validators))
}

function decodeText(value: string, choices: readonly Schema[]): unknown {
  const isAsked = (type: string): boolean => choices.some((one) => one.type === type)
  const literals = choices.flatMap((one) => one.enum ?? ('const' in one ? [one.const] : []))
  if (isAsked('number') && /^-?\d+(\.\d+)?$/.test(value) && !literals.includes(value)) return Number(value)
  const isFlag = isAsked('boolean') || literals.includes(true) || literals.includes(false)
  if (isFlag && (value === 'true' || value === 'false')) return value === 'true'
  return value
}
