/**
 * The contract in short, as lines: one for each operation, object and event, with a mark that changes when its fields do. Kept in
 * the repository, so that an upgrade of the `stripe` package shows in words what it changes.
 */
import { createHash } from 'node:crypto'
import { digestOf } from './document.ts'
import type { Contract } from './document.ts'
import { nameOfReference } from './schemas.ts'
import type { Schema } from './schemas.ts'

/** Line by line: name and digest first, then everything there is, in a fixed order. */
export function summarise(contract: Contract): readonly string[] {
  const { schemas } = contract.components
  const groups = groupByOwner(schemas)
  const markOf = (schema: Schema | null): string => {
    const name = nameOfReference(schema?.$ref ?? schema?.properties?.['data']?.items?.$ref ?? '')
    return markOfText(JSON.stringify([schema, groups.get(name) ?? null]))
  }
  const operations = Object.entries(contract.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { parameters, answer }]) =>
        `operation ${method.toUpperCase()} ${path} takes ${markOf(parameters)} answers ${nameOfAnswer(answer)}`,
    ),
  )
  const objects = Object.entries(schemas)
    .filter(([, { properties }]) => typeof properties?.['object']?.const === 'string')
    .map(([name]) => `object ${name} ${markOf({ $ref: `#/components/schemas/${name}` })}`)
  const events = Object.keys(contract['x-events']).map((type) => `event ${type}`)
  const { version, 'x-package': release } = contract.info
  return [
    `Stripe API ${version}, stripe ${release}`,
    `digest ${digestOf(contract)}`,
    ...operations,
    ...objects,
    ...events,
  ]
}

/** What came, went and changed, in words; a changed line counts once. */
export function compare(before: readonly string[], after: readonly string[]): readonly string[] {
  const old = new Map(before.map((line) => [nameOf(line), line]))
  const fresh = new Map(after.map((line) => [nameOf(line), line]))
  const gone = [...old.keys()].filter((name) => !fresh.has(name)).map((name) => `gone: ${name}`)
  const rest = [...fresh].flatMap(([name, line]) => {
    if (!old.has(name)) return [`new: ${name}`]
    return old.get(name) === line ? [] : [`changed: ${name}`]
  })
  return [...gone, ...rest]
}

function nameOf(line: string): string {
  const words = line.split(' ')
  return words.slice(0, words[0] === 'operation' ? 3 : 2).join(' ')
}

function nameOfAnswer(answer: Schema): string {
  const item = answer.properties?.['data']?.items?.$ref
  if (item !== undefined) return `list of ${nameOfReference(item)}`
  const names = (answer.anyOf ?? [answer]).map(({ $ref }) => ($ref === undefined ? 'data' : nameOfReference($ref)))
  return names.join(' or ')
}

/** 'Refund.NextAction.DisplayDetails' belongs to every name it begins with. */
function groupByOwner(schemas: Readonly<Record<string, Schema>>): ReadonlyMap<string, readonly unknown[]> {
  const groups = new Map<string, unknown[]>()
  for (const [name, schema] of Object.entries(schemas)) {
    const words = name.split('.')
    for (let end = 1; end <= words.length; end += 1) {
      const owner = words.slice(0, end).join('.')
      const group = groups.get(owner) ?? []
      groups.set(owner, group)
      group.push([name, schema])
    }
  }
  return groups
}

function markOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
