/** Top-ups: money an account adds to its own balance. They are `pending` until the bank has sent it, or canceled before. */
import type Stripe from 'stripe'
import { topupArrivesAfterDays } from '../facts.ts'
import { afterBusinessDays } from '../../money/amounts.ts'
import { post } from '../../money/books.ts'
import { emit } from '../../objects/event.ts'
import type { Row } from '../../world/kinds.ts'
import type { Space } from '../../world/space.ts'
import type { TimerAction } from '../../world/world.ts'

export interface NewTopup {
  /** Minor units. */
  readonly amount: number
  readonly currency: string
  readonly description?: string | null | undefined
  readonly metadata?: Record<string, string>
  readonly statementDescriptor?: string | null | undefined
  readonly transferGroup?: string | null | undefined
}

/** Writes a top-up that waits for the bank. */
export function createTopup(space: Space, wish: NewTopup): Row<'topup'> {
  const { world } = space
  const arrival = afterBusinessDays(world.nowMs(), topupArrivesAfterDays)
  const row = writeTopup(space, wish, arrival)
  world.schedule(space, { dueAt: arrival * 1000, action: 'topup.succeed', subject: row.id })
  return row
}

/** Money that is there at once, for the sandbox's own control. */
export function addFundsAtOnce(space: Space, wish: NewTopup): Row<'topup'> {
  return succeed(space, writeTopup(space, wish, space.world.nowSeconds()).id)
}

function writeTopup(space: Space, wish: NewTopup, arrival: number): Row<'topup'> {
  const id = space.world.ids.id('tu')
  const object: Stripe.Topup = {
    id,
    object: 'topup',
    amount: wish.amount,
    balance_transaction: null,
    created: space.world.nowSeconds(),
    currency: wish.currency,
    description: wish.description ?? null,
    expected_availability_date: arrival,
    failure_code: null,
    failure_message: null,
    initiated_by: 'user',
    livemode: space.isLive,
    metadata: wish.metadata ?? {},
    source: null,
    statement_descriptor: wish.statementDescriptor ?? null,
    status: 'pending',
    transfer_group: wish.transferGroup ?? null,
  }
  const row = space.insert('topup', id, { object, hidden: {} })
  emit(space, { type: 'topup.created', object: row.object })
  return row
}

export const topupTimers: Readonly<Record<string, TimerAction>> = {
  'topup.succeed': (space, id) => {
    if (space.get('topup', id).object.status === 'pending') succeed(space, id)
  },
}

function succeed(space: Space, id: string): Row<'topup'> {
  const { amount, currency, description } = space.get('topup', id).object
  const transaction = post(space, {
    type: 'topup',
    reportingCategory: 'topup',
    amount,
    fee: 0,
    currency,
    availableOn: space.world.nowSeconds(),
    source: id,
    description,
  })
  const row = space.update('topup', id, { object: { status: 'succeeded', balance_transaction: transaction.id } })
  emit(space, { type: 'topup.succeeded', object: row.object })
  return row
}
