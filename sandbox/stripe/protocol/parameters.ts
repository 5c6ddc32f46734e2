/**
 * What an operation accepts, written as data beside the operation. Each parameter reads the text that came over the wire
 * and gives a typed value or refuses with Stripe's code and the path of the parameter (SBX-11): unknown names at every
 * depth, missing ones, wrong types, values outside an enumeration.
 */
import { notSupported, refuse } from '../errors.ts'
import { isGroup, toList } from './form.ts'
import type { FormGroup, FormValue } from './form.ts'

export interface Parameter<T> {
  readonly isRequired: boolean
  /** `path` is the parameter's name as a message writes it, such as 'payment_method_options[card]'. */
  read(value: FormValue, path: string): T
}

export interface RequiredParameter<T> extends Parameter<T> {
  readonly isRequired: true
}

// oxlint-disable-next-line typescript/no-explicit-any -- a shape holds parameters of every type
export type Shape = Readonly<Record<string, Parameter<any>>>

export type Values<S extends Shape> = {
  readonly [Name in keyof S]: S[Name] extends RequiredParameter<infer T>
    ? T
    : S[Name] extends Parameter<infer T>
      ? T | undefined
      : never
}

export function required<T>(parameter: Parameter<T>): RequiredParameter<T> {
  return { ...parameter, isRequired: true }
}

/** An empty string unsets the value: it is read as null. */
export function clearable<T>(parameter: Parameter<T>): Parameter<T | null> {
  return { isRequired: false, read: (value, path) => (value === '' ? null : parameter.read(value, path)) }
}

function optional<T>(read: (value: FormValue, path: string) => T): Parameter<T> {
  return { isRequired: false, read }
}

function readText(value: FormValue, path: string): string {
  if (typeof value !== 'string') throw refuse(`Invalid string: ${JSON.stringify(value)}`, { param: path })
  if (value === '') {
    const message = `You passed an empty string for '${path}'. We assume empty values are an attempt to unset a parameter; however '${path}' cannot be unset. You should remove '${path}' from your request or supply a non-empty value.`
    throw refuse(message, { code: 'parameter_invalid_string_empty', param: path })
  }
  if (value.trim() === '') {
    throw refuse(`The value of '${path}' consists of white space only.`, {
      code: 'parameter_invalid_string_blank',
      param: path,
    })
  }
  return value
}

export function text(maxLength = 5000): Parameter<string> {
  return optional((value, path) => {
    const read = readText(value, path)
    if (read.length > maxLength)
      throw refuse(`Invalid string: ${read.slice(0, 20)}...; must be at most ${maxLength} characters`, { param: path })
    return read
  })
}

/** Any letters that could be an id. Whether the object exists is the operation's question. */
export function objectId(): Parameter<string> {
  return text(255)
}

export function url(): Parameter<string> {
  return optional((value, path) => {
    const read = readText(value, path)
    // Stripe replaces the placeholder before the address is used, so it is not judged as part of it.
    if (!URL.canParse(read.replaceAll('{CHECKOUT_SESSION_ID}', 'id')) || !/^[a-z][a-z0-9+.-]*:/i.test(read)) {
      throw refuse('Not a valid URL', { code: 'url_invalid', param: path })
    }
    return read
  })
}

export function email(): Parameter<string> {
  return optional((value, path) => {
    const read = readText(value, path)
    if (!/^[^\s@]+@[^\s@]+$/.test(read))
      throw refuse(`Invalid email address: ${read}`, { code: 'email_invalid', param: path })
    return read
  })
}

export function integer(limits: { min?: number; max?: number } = {}): Parameter<number> {
  return optional((value, path) => {
    if (typeof value !== 'string' || !/^-?\d{1,15}$/.test(value)) {
      throw refuse(`Invalid integer: ${typeof value === 'string' ? value : path}`, {
        code: 'parameter_invalid_integer',
        param: path,
      })
    }
    const read = Number(value)
    if (limits.min !== undefined && read < limits.min) {
      throw refuse(`This value must be greater than or equal to ${limits.min}.`, {
        code: 'parameter_invalid_integer',
        param: path,
      })
    }
    if (limits.max !== undefined && read > limits.max) {
      throw refuse(`This value must be less than or equal to ${limits.max}.`, {
        code: 'parameter_invalid_integer',
        param: path,
      })
    }
    return read
  })
}

/** Seconds since 1970. */
export function timestamp(): Parameter<number> {
  return integer({ min: 0 })
}

export function flag(): Parameter<boolean> {
  return optional((value, path) => {
    if (value !== 'true' && value !== 'false') throw refuse(`Invalid boolean: ${String(value)}`, { param: path })
    return value === 'true'
  })
}

export function oneOf<const T extends string>(...values: readonly T[]): Parameter<T> {
  return optional((value, path) => {
    const read = readText(value, path)
    const found = values.find((known) => known === read)
    if (found === undefined) throw refuse(`Invalid ${path}: must be one of ${writeChoice(values)}`, { param: path })
    return found
  })
}

function writeChoice(values: readonly string[]): string {
  return values.length === 1 ? String(values[0]) : `${values.slice(0, -1).join(', ')}, or ${values.at(-1)}`
}

export function list<T>(element: Parameter<T>, limits: { min?: number; max?: number } = {}): Parameter<readonly T[]> {
  return optional((value, path) => {
    const elements = value === '' ? [] : toList(value)
    if (elements === undefined) throw refuse(`Invalid array`, { param: path })
    if (elements.length < (limits.min ?? 0))
      throw refuse(`The list ${path} must have at least ${limits.min} element.`, { param: path })
    if (elements.length > (limits.max ?? Infinity))
      throw refuse(`The list ${path} can have at most ${limits.max} elements.`, { param: path })
    return elements.map((one, place) => element.read(one, `${path}[${place}]`))
  })
}

export function group<S extends Shape>(shape: S, unsupported: readonly string[] = []): Parameter<Values<S>> {
  return optional((value, path) => {
    if (!isGroup(value)) throw refuse('Invalid object', { param: path })
    return readShape(value, { shape, unsupported, path })
  })
}

/** Metadata as a change: null deletes a key. An empty string for the whole parameter deletes all keys. */
export type MetadataChange = Readonly<Record<string, string | null>> | 'clear'

export function metadata(): Parameter<MetadataChange> {
  return optional((value, path) => {
    if (value === '') return 'clear'
    if (!isGroup(value)) throw refuse('Invalid object', { param: path })
    const entries = Object.entries(value)
    if (entries.length > 50) throw refuse('Metadata can have at most 50 keys.', { param: path })
    return Object.fromEntries(entries.map(([key, held]) => [key, readMetadataValue(held, key, path)]))
  })
}

function readMetadataValue(value: FormValue, key: string, path: string): string | null {
  const param = `${path}[${key}]`
  if (typeof value !== 'string') throw refuse('Metadata values must be strings.', { param })
  if (key.length > 40) throw refuse(`Metadata keys must be at most 40 characters long: ${key.slice(0, 50)}`, { param })
  if (value.length > 500) throw refuse('Metadata values can have up to 500 characters.', { param })
  return value === '' ? null : value
}

/** The metadata an object has after a change. Throws when more than 50 keys would be left. */
export function changeMetadata(
  before: Readonly<Record<string, string>>,
  change: MetadataChange | undefined,
): Record<string, string> {
  if (change === undefined) return { ...before }
  if (change === 'clear') return {}
  const after = { ...before }
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete after[key]
    else after[key] = value
  }
  if (Object.keys(after).length > 50) throw refuse('Metadata can have at most 50 keys.', { param: 'metadata' })
  return after
}

/** `created=1` or `created[gt]=1&created[lte]=2`. */
export interface RangeFilter {
  readonly gt?: number | undefined
  readonly gte?: number | undefined
  readonly lt?: number | undefined
  readonly lte?: number | undefined
}

const bounds = group({ gt: timestamp(), gte: timestamp(), lt: timestamp(), lte: timestamp() })

export function range(): Parameter<RangeFilter> {
  return optional((value, path) => {
    if (typeof value !== 'string') return bounds.read(value, path)
    const exact = timestamp().read(value, path)
    return { gte: exact, lte: exact }
  })
}

export function isWithin(value: number, filter: RangeFilter | undefined): boolean {
  if (filter === undefined) return true
  const { gt = -Infinity, gte = -Infinity, lt = Infinity, lte = Infinity } = filter
  return value > gt && value >= gte && value < lt && value <= lte
}

/** Reads a whole form. `unsupported` are names Stripe knows and this sandbox does not: refused, but not as unknown. */
export function readShape<S extends Shape>(
  form: FormGroup,
  known: { shape: S; unsupported?: readonly string[]; path?: string },
): Values<S> {
  const { shape, unsupported = [], path = '' } = known
  const nameOf = (name: string): string => (path === '' ? name : `${path}[${name}]`)
  const unknown = Object.keys(form).filter((name) => !Object.hasOwn(shape, name))
  const unbuilt = unknown.find((name) => unsupported.includes(name))
  const strangers = unknown.filter((name) => !unsupported.includes(name)).map(nameOf)
  if (strangers.length > 0) {
    const word = strangers.length === 1 ? 'parameter' : 'parameters'
    throw refuse(`Received unknown ${word}: ${strangers.join(', ')}`, {
      code: 'parameter_unknown',
      param: String(strangers[0]),
    })
  }
  if (unbuilt !== undefined) throw notSupported(`the parameter ${nameOf(unbuilt)}`, nameOf(unbuilt))
  const values: Record<string, unknown> = {}
  for (const [name, parameter] of Object.entries(shape)) {
    const held = form[name]
    if (held !== undefined) values[name] = parameter.read(held, nameOf(name))
    else if (parameter.isRequired)
      throw refuse(`Missing required param: ${nameOf(name)}.`, { code: 'parameter_missing', param: nameOf(name) })
  }
  return values as Values<S>
}
