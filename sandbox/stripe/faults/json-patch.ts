/**
 * Changes an answer by a list of steps (the effect `mutate`): `add`, `replace` and `remove` of RFC 6902, and `repeat`,
 * which makes a list huge. A step whose place is not in the answer leaves it as it is, because one fault may meet answers
 * of many shapes.
 */
import { FaultRefused, readCount, readGroup, refuseStrangers } from './fields.ts'
import type { Field } from './fields.ts'

export type PatchStep =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'repeat'; readonly path: string; readonly count: number }

const most = 50
const mostCopies = 10_000

export function patchField(): Field<readonly PatchStep[]> {
  return {
    preset: undefined,
    read(given, name) {
      if (!Array.isArray(given) || given.length === 0 || given.length > most)
        throw new FaultRefused(`${name} must be a list of 1 to ${most} steps.`)
      return given.map((step, place) => readStep(step, `${name}[${place}]`))
    },
  }
}

function readStep(given: unknown, name: string): PatchStep {
  const step = readGroup(given, name)
  const { op, path, value } = step
  if (typeof path !== 'string' || !/^(?:\/(?:[^~/]|~[01])*)+$/.test(path))
    throw new FaultRefused(`${name}.path must be a JSON pointer such as "/amount".`)
  const known = { add: ['value'], replace: ['value'], remove: [], repeat: ['count'] } as const
  if (op !== 'add' && op !== 'replace' && op !== 'remove' && op !== 'repeat')
    throw new FaultRefused(`${name}.op must be one of ${Object.keys(known).join(', ')}.`)
  refuseStrangers(step, ['op', 'path', ...known[op]], `${name}.`)
  if (op === 'repeat') return { op, path, count: readCount(step['count'], `${name}.count`, mostCopies) }
  if (op === 'remove') return { op, path }
  if (value === undefined) throw new FaultRefused(`${name}.value is missing.`)
  return { op, path, value }
}

/** The JSON text after all steps; a text that is no JSON is left alone. */
export function patchJson(text: string, steps: readonly PatchStep[]): string {
  const holder = { root: parse(text) }
  if (holder.root === undefined) return text
  for (const step of steps) apply(holder.root, step)
  return JSON.stringify(holder.root, null, 2)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function apply(root: unknown, step: PatchStep): void {
  const names = step.path
    .slice(1)
    .split('/')
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = names.pop() ?? ''
  let parent: unknown = root
  for (const name of names) parent = childOf(parent, name)
  if (Array.isArray(parent)) applyToList(parent, last, step)
  else if (typeof parent === 'object' && parent !== null) applyToGroup(parent as Record<string, unknown>, last, step)
}

function childOf(parent: unknown, name: string): unknown {
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, name)) return undefined
  return (parent as Record<string, unknown>)[name]
}

function applyToGroup(group: Record<string, unknown>, name: string, step: PatchStep): void {
  const isThere = Object.hasOwn(group, name)
  if (step.op === 'add' || (step.op === 'replace' && isThere)) {
    Object.defineProperty(group, name, { value: step.value, enumerable: true, writable: true, configurable: true })
  } else if (step.op === 'remove') delete group[name]
  else if (step.op === 'repeat' && Array.isArray(group[name])) group[name] = repeat(group[name], step.count)
}

function applyToList(list: unknown[], name: string, step: PatchStep): void {
  if (step.op === 'add' && name === '-') {
    list.push(step.value)
    return
  }
  const place = /^\d+$/.test(name) ? Number(name) : list.length + 1
  if (step.op === 'add' && place <= list.length) list.splice(place, 0, step.value)
  if (place >= list.length) return
  if (step.op === 'replace') list[place] = step.value
  if (step.op === 'remove') list.splice(place, 1)
  if (step.op === 'repeat' && Array.isArray(list[place])) list[place] = repeat(list[place], step.count)
}

/** `count` times the elements of the list, one after another. */
function repeat(list: readonly unknown[], times: number): unknown[] {
  return Array.from({ length: times }, () => structuredClone(list)).flat()
}
