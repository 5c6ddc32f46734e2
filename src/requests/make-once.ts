/**
 * Makes something for a request that may arrive twice: pressed again after its answer was lost, or repeated by a proxy (UI-36, Stripe's
 * "Idempotent requests"). What surprises: the ids of what was made are kept and not the answer, so the second answer shows what is there now and
 * nobody's name stands in a second table; and a refusal rolls back and frees the key.
 */
import { createHash } from 'node:crypto'
import { assert, done, type Outcome, type Uuid } from '#kernel'
import { holdRequestKey, type ScopedHandle } from '#platform'
import { refuse, type RequestsProblem } from './problems.ts'
import { findMade, forgetKeys, insertMade, type MadeIds } from './store.ts'

export type KeyedRequest = {
  /** Such as `renter`: one key may serve several operations. */
  readonly operation: string
  /** A uuid made with the form; without one every request is a new one. */
  readonly key: string | undefined
  /** What was sent: the same key with something else is refused. */
  readonly wish: object
}

type Made = { readonly id: Uuid }

const keptMs = 24 * 3_600_000

/**
 * @param rows of the transaction in which `make` writes; it has to be rolled back when the outcome is a refusal.
 * @returns the ids of what was made, now or the first time.
 */
export async function makeOnce<Problem extends string>(
  rows: ScopedHandle,
  { operation, key, wish }: KeyedRequest,
  make: () => Promise<Outcome<Made | readonly Made[], Problem>>,
): Promise<Outcome<MadeIds, Problem | RequestsProblem>> {
  if (key === undefined) return idsOf(await make())
  const now = rows.clock.now()
  const request = { operation, key, wishHash: createHash('sha256').update(JSON.stringify(wish)).digest('hex') }
  await holdRequestKey(rows, `${operation} ${key}`)
  await forgetKeys(rows, now)
  const before = await findMade(rows, request)
  if (before) return before.wishHash === request.wishHash ? done(before.made) : refuse('request_key_reused')
  const outcome = idsOf(await make())
  if (outcome.ok) await insertMade(rows, request, { made: outcome.value, keptUntil: new Date(now.getTime() + keptMs) })
  return outcome
}

function idsOf<Problem extends string>(outcome: Outcome<Made | readonly Made[], Problem>): Outcome<MadeIds, Problem> {
  if (!outcome.ok) return outcome
  const [first, ...others] = [outcome.value].flat().map(({ id }) => id)
  assert(first !== undefined, 'whatever is added is at least one thing')
  return done([first, ...others])
}
