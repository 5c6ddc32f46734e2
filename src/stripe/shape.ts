/**
 * Reads an answer as what it claims to be and nothing else (STR-6): a proxy's page, another object, a wrong mode or an amount
 * that is not a whole number must never pass for success. All reading throws `WrongShape`, which the caller of Stripe turns
 * into the fault `unexpected_response`. At the end the one thing that is written by shape: an amount, as Stripe takes it.
 */
import { assert, type Mode } from '#kernel'

/** The answer was not the object asked for. */
export class WrongShape extends Error {}

export type Fields = Readonly<Record<string, unknown>>

export function fieldsOf(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new WrongShape(`${what} is not an object`)
  return value as Fields
}

/** The object itself: right kind, right id prefix, right mode where the object says one. */
export function objectOf(value: unknown, expected: { object: string; prefix: string; mode: Mode }): Fields {
  const fields = fieldsOf(value, expected.object)
  if (fields['object'] !== expected.object)
    throw new WrongShape(`expected ${expected.object}, got ${String(fields['object'])}`)
  if (!textOf(fields, 'id').startsWith(expected.prefix))
    throw new WrongShape(`the id does not start with ${expected.prefix}`)
  const { livemode } = fields
  if (livemode !== undefined && livemode !== (expected.mode === 'live'))
    throw new WrongShape('the object is of the other mode')
  return fields
}

/** A part of a list. */
export type Page<Row> = { readonly rows: readonly Row[]; readonly hasMore: boolean }

/** A list object, with its rows read one by one. */
export function listOf<Row>(value: unknown, read: (row: unknown) => Row): Page<Row> {
  const fields = fieldsOf(value, 'list')
  const { data } = fields
  if (fields['object'] !== 'list' || !Array.isArray(data)) throw new WrongShape('expected a list')
  return { rows: data.map((row) => read(row)), hasMore: fields['has_more'] === true }
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string') throw new WrongShape(`${name} is not a text`)
  return value
}

export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  if (value === undefined || value === null || value === '') return undefined
  return textOf(fields, name)
}

export function flagOf(fields: Fields, name: string): boolean {
  const value = fields[name]
  if (typeof value !== 'boolean') throw new WrongShape(`${name} is not true or false`)
  return value
}

/** A whole number of minor units; JSON numbers above 2^53 would already have lost cents. */
export function amountOf(fields: Fields, name: string): bigint {
  const value = fields[name]
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw new WrongShape(`${name} is not a whole number`)
  return BigInt(value)
}

/** Three letters, turned into upper case as ISO 4217 writes them; Stripe answers in lower case. */
export function currencyOf(fields: Fields): string {
  const code = textOf(fields, 'currency')
  if (!/^[a-z]{3}$/i.test(code)) throw new WrongShape('the currency is not three letters')
  return code.toUpperCase()
}

/** Stripe's instants are whole seconds. */
export function instantOf(fields: Fields, name: string): Date {
  const value = fields[name]
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new WrongShape(`${name} is not an instant`)
  return new Date(value * 1000)
}

/** An id given bare or as the expanded object. */
export function idOf<Id extends string>(fields: Fields, name: string): Id | undefined {
  const value = fields[name]
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'string') return value as Id
  return textOf(fieldsOf(value, name), 'id') as Id
}

/** The expanded object, or undefined where only the id or nothing stands. */
export function expandedOf(fields: Fields, name: string): Fields | undefined {
  const value = fields[name]
  if (value === undefined || value === null || typeof value === 'string') return undefined
  return fieldsOf(value, name)
}

export function metadataOf(fields: Fields): Readonly<Record<string, string>> {
  const { metadata } = fields
  if (metadata === undefined || metadata === null) return {}
  const entries = Object.entries(fieldsOf(metadata, 'metadata'))
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** The object without its undefined members, so that optional members are absent and not empty. */
export function present<Value extends object>(value: Value): { [Key in keyof Value]: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as never
}

/** Reads every page of a list; an endless list is a fault of the other side and stops at `longestPages`. */
export async function allPages<Row extends { readonly id: string }>(
  page: (startingAfter: string | undefined) => Promise<Page<Row>>,
): Promise<readonly Row[]> {
  const all: Row[] = []
  for (let count = 0; count < longestPages; count += 1) {
    const { rows, hasMore } = await page(all.at(-1)?.id)
    all.push(...rows)
    if (!hasMore || rows.length === 0) return all
  }
  throw new Error(`a Stripe list did not end after ${longestPages} pages`)
}

const longestPages = 200

/** Both ends belong to it. Stripe's instants are whole seconds, so it may reach a second further back than asked. */
export function createdBetween(from: Date, until: Date): { readonly gte: number; readonly lte: number } {
  return { gte: Math.floor(from.getTime() / 1000), lte: Math.floor(until.getTime() / 1000) }
}

/** What was made between two instants, newest first, and after which one the page begins. */
export type CreatedWish = {
  readonly createdFrom: Date
  readonly createdUntil: Date
  readonly startingAfter?: string | undefined
}

/** A page of a hundred, with these members of each row expanded. */
export function sweepParameters(wanted: CreatedWish, expand: readonly string[]) {
  return {
    created: createdBetween(wanted.createdFrom, wanted.createdUntil),
    limit: 100,
    expand: expand.map((path) => `data.${path}`),
    ...(wanted.startingAfter !== undefined && { starting_after: wanted.startingAfter }),
  }
}

/**
 * The smallest charge Stripe accepts, in minor units. From Stripe's page on minimum amounts, in part only and unverified (STR-81,
 * STR-155): a currency without an entry is sent as it is, and Stripe's `amount_too_small` is told in words.
 */
const minimumAmountsMinor: Readonly<Record<string, bigint>> = {
  AED: 200n,
  AUD: 50n,
  BGN: 100n,
  BRL: 50n,
  CAD: 50n,
  CHF: 50n,
  CZK: 1500n,
  DKK: 250n,
  EUR: 50n,
  GBP: 30n,
  HKD: 400n,
  HUF: 17500n,
  INR: 50n,
  JPY: 50n,
  MXN: 1000n,
  MYR: 200n,
  NOK: 300n,
  NZD: 50n,
  PLN: 200n,
  RON: 200n,
  SEK: 300n,
  SGD: 50n,
  THB: 1000n,
  USD: 50n,
}

/** In minor units; one where no minimum is known. */
export function minimumAmountMinor(currency: string): bigint {
  return minimumAmountsMinor[currency] ?? 1n
}

/** Stripe takes 1 to 99 999 999 minor units. Zero and negative amounts never get here: they are settled by other means. */
export function stripeAmount(amountMinor: bigint): number {
  assert(amountMinor >= 1n && amountMinor <= 99_999_999n, `Stripe takes 1 to 99999999 minor units, not ${amountMinor}`)
  return Number(amountMinor)
}
