/**
 * The one function that writes entries. It runs in the transaction that changes the business state (MON-4), and what caused the entry
 * is its key: the same cause again is the first entry; the same cause with other lines is a conflict and stops everything.
 */
import { assert } from '#kernel'
import { newId, type ScopedHandle } from '#platform'
import { assertPostable, mirrored, type Entry, type Line } from './entry.ts'
import { findEntryByCause, findEntryById, insertEntries, type Balance, type StoredEntry } from './store.ts'

/** @returns the entry's id. @throws when it does not balance, or when its cause was posted with other lines (`ledger_conflict`). */
export async function post(rows: ScopedHandle, entry: Entry): Promise<string> {
  return (await postAll(rows, [entry])).ids[0]!
}

/** Several entries in one statement (PERF-53), as if one after the other. @returns their ids, and the balances they changed. @throws as `post`. */
export async function postAll(
  rows: ScopedHandle,
  entries: readonly Entry[],
): Promise<{ readonly ids: readonly string[]; readonly balances: readonly Balance[] }> {
  if (entries.length === 0) return { ids: [], balances: [] }
  for (const entry of entries) assertPostable(entry)
  const made = entries.map((entry) => ({ id: newId(rows.clock), entry }))
  const { inserted, balances } = await insertEntries(rows, made)
  const ids: string[] = []
  for (const { id, entry } of made) ids.push(inserted.has(id) ? id : await findBefore(rows, entry))
  return { ids, balances }
}

async function findBefore(rows: ScopedHandle, entry: Entry): Promise<string> {
  const before = await findEntryByCause(rows, entry.cause)
  assert(before, `${entry.rule} was refused although its cause is new`)
  assert(
    sameLines(before, entry),
    `ledger_conflict: ${entry.rule} for ${entry.cause.kind} ${entry.cause.id} was posted with other lines`,
  )
  return before.id
}

/** Answers a mistake with the mirrored entry; an entry is reversed at most once (MON-5). @returns the reversing entry's id. */
export async function reverse(
  rows: ScopedHandle,
  reversal: Omit<Entry, 'lines'> & { readonly reversesEntryId: string },
): Promise<string> {
  const original = await findEntryById(rows, reversal.reversesEntryId)
  assert(original, `the entry to reverse is not in this book: ${reversal.reversesEntryId}`)
  return post(rows, { ...reversal, lines: mirrored(original.lines) })
}

/** The entry a cause posted, if it did. */
export async function findPosted(
  rows: ScopedHandle,
  cause: Entry['cause'],
): Promise<{ readonly id: string } | undefined> {
  return findEntryByCause(rows, cause)
}

function sameLines(before: StoredEntry, entry: Entry): boolean {
  const key = (line: Line) => `${line.account}|${line.currency}|${line.subjectId}|${line.amountMinor}`
  return before.rule === entry.rule && before.lines.map(key).sort().join() === entry.lines.map(key).sort().join()
}
