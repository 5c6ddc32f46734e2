/**
 * Reads a fault as it was asked for (SBX-48): whatever cannot be used is refused with the name of the field, and then
 * nothing is armed. Effects are tables of fields, so that their types, their defaults and their refusals are one thing.
 */

/** Thrown with a sentence that names the field; nothing is armed then. */
export class FaultRefused extends Error {}

export type Loose = Readonly<Record<string, unknown>>

export interface Field<T> {
  /** Taken when nothing is given; a field without one has to be given. */
  readonly preset: T | undefined
  read(given: unknown, name: string): T
}

// oxlint-disable-next-line typescript/no-explicit-any -- a table holds fields of every type
export type Fields = Readonly<Record<string, Field<any>>>

export type FieldValues<F extends Fields> = { readonly [Name in keyof F]: F[Name] extends Field<infer T> ? T : never }

export function readGroup(given: unknown, name: string): Loose {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new FaultRefused(`${name} must be an object.`)
  return given as Loose
}

export function readWord(given: unknown, name: string): string {
  if (typeof given !== 'string' || given.trim() === '') throw new FaultRefused(`${name} must be a text.`)
  return given
}

export function readCount(given: unknown, name: string, most: number): number {
  if (!Number.isInteger(given) || (given as number) < 1 || (given as number) > most) {
    throw new FaultRefused(`${name} must be a whole number from 1 to ${most}.`)
  }
  return given as number
}

/** Refuses names that are not in the list, so that a misspelt field never arms something else. */
export function refuseStrangers(given: Loose, known: readonly string[], prefix: string): void {
  const stranger = Object.keys(given).find((name) => !known.includes(name))
  if (stranger === undefined) return
  const choice = known.length === 0 ? 'nothing is set here' : `known are ${known.join(', ')}`
  throw new FaultRefused(`${prefix}${stranger} is not known; ${choice}.`)
}

export function count(preset: number | undefined, most: number): Field<number> {
  return { preset, read: (given, name) => readCount(given, name, most) }
}

export function word(preset?: string): Field<string> {
  return { preset, read: readWord }
}

export function oneOf<const T extends string | number>(preset: T | undefined, choices: readonly T[]): Field<T> {
  return {
    preset,
    read(given, name) {
      const found = choices.find((choice) => choice === given)
      if (found === undefined) throw new FaultRefused(`${name} must be one of ${choices.join(', ')}.`)
      return found
    },
  }
}

/** Reads the settings of one effect; `given` has its `kind` as well. */
export function readFields(given: Loose, fields: Fields): Record<string, unknown> {
  refuseStrangers(given, ['kind', ...Object.keys(fields)], 'effect.')
  const values = Object.entries(fields).map(([name, field]) => {
    const value = given[name]
    if (value === undefined && field.preset === undefined) throw new FaultRefused(`effect.${name} is missing.`)
    return [name, value === undefined ? field.preset : field.read(value, `effect.${name}`)]
  })
  return Object.fromEntries(values) as Record<string, unknown>
}
