/** All SQL of setups: attempts to save a payment method on the hosted page. */
import type { CheckoutSessionId, SetupIntentId } from '#kernel'
import type { ScopedHandle } from '#platform'
import type { SetupState } from './setup-state.ts'

export type Setup = {
  readonly id: string
  readonly renterId: string
  readonly connectionId: string
  readonly state: SetupState
  readonly checkoutSessionId: CheckoutSessionId | undefined
  readonly setupIntentId: SetupIntentId | undefined
  readonly failure: string | undefined
  readonly polls: number
  readonly expiresAt: Date | undefined
  readonly returnTo: string
}

const setups = (rows: ScopedHandle) =>
  rows
    .selectFrom('app.setups')
    .selectAll()
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)

export async function insertSetup(
  rows: ScopedHandle,
  setup: { id: string; renterId: string; connectionId: string; returnTo: string; expiresAt: Date; actor: string },
): Promise<void> {
  const now = rows.clock.now()
  await rows
    .insertInto('app.setups')
    .values({
      operator_id: rows.scope.operatorId,
      mode: rows.scope.mode,
      id: setup.id,
      renter_id: setup.renterId,
      connection_id: setup.connectionId,
      state: 'created',
      expires_at: setup.expiresAt,
      return_to: setup.returnTo,
      created_by: setup.actor,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.columns(['operator_id', 'mode', 'id']).doNothing())
    .execute()
}

export async function findSetup(rows: ScopedHandle, id: string): Promise<Setup | undefined> {
  const row = await setups(rows).where('id', '=', id).executeTakeFirst()
  return row && toSetup(row)
}

export async function lockSetup(rows: ScopedHandle, id: string): Promise<Setup | undefined> {
  const row = await setups(rows).where('id', '=', id).forUpdate().executeTakeFirst()
  return row && toSetup(row)
}

export async function findSetupByIntent(
  rows: ScopedHandle,
  about: { connectionId: string; intentId: string },
): Promise<Setup | undefined> {
  const row = await setups(rows)
    .where('connection_id', '=', about.connectionId)
    .where('stripe_setup_intent_id', '=', about.intentId)
    .executeTakeFirst()
  return row && toSetup(row)
}

export async function listUnfinishedSetups(rows: ScopedHandle): Promise<readonly Setup[]> {
  const found = await setups(rows)
    .where('state', 'in', ['created', 'requires_action', 'processing', 'failed'])
    .orderBy('id')
    .limit(1000)
    .execute()
  return found.map(toSetup)
}

export async function updateSetup(
  rows: ScopedHandle,
  id: string,
  change: Partial<{
    state: SetupState
    stripe_checkout_session_id: CheckoutSessionId
    stripe_setup_intent_id: SetupIntentId
    failure: string | null
    polls: number
  }>,
): Promise<void> {
  await rows
    .updateTable('app.setups')
    .set({ ...change, updated_at: rows.clock.now() })
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .execute()
}

function toSetup(row: Record<string, any>): Setup {
  return {
    id: row['id'],
    renterId: row['renter_id'],
    connectionId: row['connection_id'],
    state: row['state'],
    checkoutSessionId: row['stripe_checkout_session_id'] ?? undefined,
    setupIntentId: row['stripe_setup_intent_id'] ?? undefined,
    failure: row['failure'] ?? undefined,
    polls: row['polls'],
    expiresAt: row['expires_at'] ?? undefined,
    returnTo: row['return_to'],
  }
}
