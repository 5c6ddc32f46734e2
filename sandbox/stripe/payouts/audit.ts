/**
 * The audit of an account's books (SBX-23, SBX-56), counted anew from the transactions: the sums, each payout against the
 * transactions it is made of, and that whatever moved money exists. The health page runs it, and tests after each story.
 */
import { auditSums } from '../money/books.ts'
import { idOf } from '../parts/reference.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'

/** Holds and releases of a minimum balance belong to no object. */
const sourceless = new Set(['payout_minimum_balance_hold', 'payout_minimum_balance_release'])

/** Sentences about what is wrong; empty when the books are right. */
export function auditBooks(space: Space): string[] {
  const payouts = [...space.oldestFirst('payout')]
  return [...auditSums(space), ...payouts.flatMap((payout) => auditPayout(space, payout)), ...auditSources(space)]
}

function auditPayout(space: Space, { id, object }: Row<'payout'>): string[] {
  const own = space.find('balance_transaction', idOf(object.balance_transaction) ?? '')?.object
  const returned = idOf(object.failure_balance_transaction)
  const problems: string[] = []
  if (own?.net !== -object.amount) problems.push(`The payout ${id} did not take its amount from the balance.`)
  if (returned !== null && space.find('balance_transaction', returned)?.object.net !== object.amount)
    problems.push(`The payout ${id} did not give its amount back to the balance.`)
  const batch = [...space.oldestFirst('balance_transaction', { by: ['hidden.batch', id] })]
  const sum = batch.reduce(
    (net, row) => (row.object.type === 'payout' && row.object.source === id ? net : net + row.object.net),
    0,
  )
  if (object.automatic && sum !== object.amount) problems.push(`The payout ${id} is not the sum of its transactions.`)
  return problems
}

function auditSources(space: Space): string[] {
  const problems: string[] = []
  for (const { id, object } of space.oldestFirst('balance_transaction')) {
    const source = idOf(object.source)
    const isRight = source === null ? sourceless.has(object.type) : isKnown(space, source)
    if (!isRight) problems.push(`The source of the balance transaction ${id} of ${space.name} does not exist.`)
  }
  return problems
}

/** An application fee's refund is the platform's object, and moves money of the connected account as well. */
function isKnown(space: Space, id: string): boolean {
  return space.holds(id) || space.world.spaces().some((other) => other.mode === space.mode && other.holds(id))
}
