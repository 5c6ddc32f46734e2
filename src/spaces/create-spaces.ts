/** Makes one space, or up to 50 that count on: `DESK-A-01`, `DESK-A-02` … All or none are created (BIL-2). */
import { noteAudit } from '#audit'
import { publicId, done, type Outcome, type Uuid } from '#kernel'
import { newId, type ScopedHandle } from '#platform'
import { refuse, type SpacesProblem } from './problems.ts'
import type { Category, Space } from './space.ts'
import { findCategory, insertSpaces, listNumbers, lockLocation } from './store.ts'

export type NewSpaces = {
  readonly categoryId: Uuid
  /** A number of its own; only for a single space. */
  readonly number?: string | undefined
  readonly title?: string | undefined
  /** How many to create; 1 when left out. */
  readonly count?: number | undefined
}

export async function createSpaces(
  rows: ScopedHandle,
  wish: NewSpaces,
): Promise<Outcome<readonly Space[], SpacesProblem>> {
  const count = wish.count ?? 1
  if (!Number.isInteger(count) || count < 1 || count > 50) return refuse('too_many_spaces', { field: '/count' })
  const custom = wish.number?.trim()
  if (custom !== undefined && (custom.length < 1 || custom.length > 30 || count > 1)) {
    return refuse('space_number_form', { field: '/number' })
  }
  const category = await findCategory(rows, wish.categoryId)
  if (!category) return refuse('category_unknown', { field: '/categoryId' })
  const location = await lockLocation(rows)
  const taken = await listNumbers(rows, location.id)
  if (custom !== undefined && taken.has(custom)) {
    return refuse('space_number_taken', { field: '/number', word: custom })
  }
  const numbers = custom === undefined ? countOn({ category, count, taken }) : [custom]
  const spaces = numbers.map((number): Space => {
    return { id: newId(rows.clock), number, title: wish.title?.trim() ?? '', locationId: location.id, category }
  })
  await insertSpaces(rows, spaces)
  const object = { kind: 'category', id: publicId('category', category.id) }
  noteAudit(rows, { action: 'space.created', object, after: { count: spaces.length, numbers: numbers.join(', ') } })
  return done(spaces)
}

/** The next free numbers of a category, after the highest that stands in its row `{code}-A-{nn}`. */
function countOn(about: { category: Category; count: number; taken: ReadonlySet<string> }): string[] {
  const prefix = `${about.category.code}-A-`
  const counted = [...about.taken]
    .filter((number) => number.startsWith(prefix) && /^\d+$/.test(number.slice(prefix.length)))
    .map((number) => Number(number.slice(prefix.length)))
  const highest = Math.max(0, ...counted)
  return Array.from({ length: about.count }, (_, step) => `${prefix}${String(highest + step + 1).padStart(2, '0')}`)
}
