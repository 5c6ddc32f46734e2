/**
 * Form bodies and query strings as Stripe reads them: `a[b][c]=1`, `a[]=1` and `a[0]=1` (SBX-11). The result is a tree of
 * texts, lists and groups; what each text means is decided by the parameters of the operation. Names are taken as they
 * come, so a group never has a prototype that `__proto__` or `constructor` could reach. The JSON bodies of v2 become the
 * same tree, so that v1 and v2 share their rules from there on.
 */
import { refuse } from '../errors.ts'

export type FormValue = string | FormValue[] | FormGroup
export interface FormGroup {
  [name: string]: FormValue
}

const deepest = 12

export function emptyGroup(): FormGroup {
  return Object.create(null) as FormGroup
}

export function isGroup(value: FormValue | undefined): value is FormGroup {
  return typeof value === 'object' && !Array.isArray(value)
}

/** Throws StripeRefusal when a name contradicts an earlier one, such as `a=1&a[b]=2`. */
export function parseForm(text: string): FormGroup {
  const form = emptyGroup()
  for (const [name, value] of new URLSearchParams(text)) {
    const path = pathOf(name)
    if (path.length > deepest) throw refuse('Invalid hash: the parameters are nested too deeply.', { param: name })
    assign(form, path, { name, value })
  }
  return form
}

/** 'a[b][]' becomes ['a', 'b', '']; the empty segment means "append". */
function pathOf(name: string): string[] {
  const start = name.indexOf('[')
  if (start <= 0 || !name.endsWith(']')) return [name]
  return [name.slice(0, start), ...name.slice(start + 1, -1).split('][')]
}

function assign(group: FormGroup, path: readonly string[], field: { name: string; value: string }): void {
  const [head = '', next, ...rest] = path
  if (next === undefined) {
    group[head] = field.value
    return
  }
  const held = group[head]
  if (next === '') {
    const list = held ?? (group[head] = [])
    if (!Array.isArray(list)) throw refuse(`Invalid array: ${field.name}`, { param: head })
    append(list, rest, field)
    return
  }
  const inner = held ?? (group[head] = emptyGroup())
  if (!isGroup(inner)) throw refuse(`Invalid hash: ${field.name}`, { param: head })
  assign(inner, [next, ...rest], field)
}

/** `a[][b]=1&a[][c]=2` is one element, `a[][b]=1&a[][b]=2` are two: a name seen before opens the next element. */
function append(list: FormValue[], rest: readonly string[], field: { name: string; value: string }): void {
  const [head] = rest
  if (head === undefined) {
    list.push(field.value)
    return
  }
  const last = list.at(-1)
  const isNew = !isGroup(last) || (rest.length === 1 && head in last)
  const element = isNew ? emptyGroup() : last
  if (isNew) list.push(element)
  assign(element, rest, field)
}

/** A list given as `a[0]=x&a[1]=y` arrives as a group with numbers for names; both forms become a list here. */
export function toList(value: FormValue): FormValue[] | undefined {
  if (Array.isArray(value)) return value
  if (!isGroup(value)) return undefined
  const names = Object.keys(value)
  if (!names.every((name) => /^\d{1,4}$/.test(name))) return undefined
  return names.toSorted((one, other) => Number(one) - Number(other)).map((name) => value[name] as FormValue)
}

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
