/** All SQL of saved methods, and of setups: attempts to save one on the hosted page. */
import { findChargingConnection } from '#connections'
import type { CheckoutSessionId, PaymentMethodId, SetupIntentId, Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { sql } from 'kysely'
import type { SavedMethod, Setup } from './renter.ts'
import type { SetupState } from './setup-state.ts'
import { own, pauseAutopay, toFields } from './store.ts'

export async function insertMethod(
  rows: ScopedHandle,
  method: Omit<SavedMethod, 'isDefault' | 'unusableReason' | 'expiresMonth' | 'expiresYear'> & {
    readonly expiresMonth?: number | undefined
    readonly expiresYear?: number | undefined
  },
): Promise<void> {
  await rows
    .insertInto('app.saved_methods')
    .values({
      ...own(rows),
      id: method.id,
      renter_id: method.renterId,
      connection_id: method.connectionId,
      stripe_payment_method_id: method.stripePaymentMethodId,
      kind: method.kind,
      brand: method.brand,
      last4: method.last4,
      expires_month: method.expiresMonth ?? null,
      expires_year: method.expiresYear ?? null,
      created_at: rows.clock.now(),
    })
    .execute()
}

/** One default per renter: the old one steps back first, because the schema allows only one at a time. */
export async function setDefaultMethod(rows: ScopedHandle, choice: { renterId: Uuid; methodId: Uuid }): Promise<void> {
  const ofRenter = rows
    .updateTable('app.saved_methods')
    .where(({ and }) => and({ ...own(rows), renter_id: choice.renterId }))
  await ofRenter.set({ is_default: false }).where('is_default', '=', true).where('id', '<>', choice.methodId).execute()
  await ofRenter.set({ is_default: true }).where('id', '=', choice.methodId).execute()
  await pauseAutopay(rows, { renterId: choice.renterId, reason: null })
}

/** What Stripe says of a method now: a card that was reissued has a new date and perhaps new digits. */
export async function refreshMethod(
  rows: ScopedHandle,
  method: Pick<SavedMethod, 'id' | 'brand' | 'last4'> & {
    readonly expiresMonth?: number | undefined
    readonly expiresYear?: number | undefined
  },
): Promise<void> {
  await rows
    .updateTable('app.saved_methods')
    .set({
      brand: method.brand,
      last4: method.last4,
      expires_month: method.expiresMonth ?? null,
      expires_year: method.expiresYear ?? null,
    })
    .where(({ and }) => and({ ...own(rows), id: method.id }))
    .execute()
}

/** Taken away in Stripe: it can never be charged again and is nobody's default any more. */
export async function dropMethod(
  rows: ScopedHandle,
  verdict: { readonly methodId: Uuid; readonly reason: string },
): Promise<void> {
  await rows
    .updateTable('app.saved_methods')
    .set({ unusable_reason: verdict.reason, is_default: false })
    .where(({ and }) => and({ ...own(rows), id: verdict.methodId }))
    .execute()
}

/** A hard decline: this method is not charged again (STR-82). It stays listed, and stays the default until another is chosen. */
export async function markMethodUnusable(
  rows: ScopedHandle,
  verdict: { readonly methodId: Uuid; readonly reason: string },
): Promise<void> {
  await rows
    .updateTable('app.saved_methods')
    .set({ unusable_reason: verdict.reason })
    .where(({ and }) => and({ ...own(rows), id: verdict.methodId }))
    .execute()
}

/** Newest first. */
export async function listMethods(rows: ScopedHandle, renterId: Uuid): Promise<readonly SavedMethod[]> {
  const found = await methods(rows).where('renter_id', '=', renterId).orderBy('id', 'desc').execute()
  return found.map((row) => toMethod(row))
}

/** Those of a connection that nobody has looked at since it came back. */
export async function listUnseenMethodIds(rows: ScopedHandle, connectionId: Uuid): Promise<readonly Uuid[]> {
  const found = await methods(rows)
    .where(({ and }) => and({ connection_id: connectionId }))
    .where('why_unusable', '=', unseenReason)
    .execute()
  return found.map(({ id }) => id)
}

/** Stripe still has it: it may be charged again (STR-38). */
export async function markMethodSeen(rows: ScopedHandle, id: Uuid): Promise<void> {
  await rows
    .updateTable('app.saved_methods')
    .set({ looked_at: rows.clock.now() })
    .where(({ and }) => and({ ...own(rows), id }))
    .execute()
}

export async function findMethod(rows: ScopedHandle, id: Uuid): Promise<SavedMethod | undefined> {
  const row = await methods(rows).where('id', '=', id).executeTakeFirst()
  return row && toMethod(row)
}

export async function getMethod(rows: ScopedHandle, id: Uuid): Promise<SavedMethod> {
  return toMethod(await methods(rows).where('id', '=', id).executeTakeFirstOrThrow())
}

/** The usable default inside one connection: what an automatic charge uses. */
export async function findDefaultMethod(
  rows: ScopedHandle,
  about: { readonly renterId: Uuid; readonly connectionId: Uuid },
): Promise<SavedMethod | undefined> {
  const row = await methods(rows)
    .where(({ and }) => and({ renter_id: about.renterId, connection_id: about.connectionId, is_default: true }))
    .where('why_unusable', 'is', null)
    .executeTakeFirst()
  return row && toMethod(row)
}

/**
 * Whether a renter can be charged without anybody doing anything (BIL-8): by a usable default in the connection that takes payments;
 * `not_connected` when none does.
 */
export async function readPaymentReadiness(
  rows: ScopedHandle,
  renterId: Uuid,
): Promise<'ready' | 'no_method' | 'not_connected'> {
  const connection = await findChargingConnection(rows)
  if (!connection) return 'not_connected'
  const method = await findDefaultMethod(rows, { renterId, connectionId: connection.id })
  return method ? 'ready' : 'no_method'
}

export async function findMethodByStripeId(
  rows: ScopedHandle,
  about: { readonly connectionId: Uuid; readonly stripePaymentMethodId: PaymentMethodId },
): Promise<SavedMethod | undefined> {
  const row = await methods(rows)
    .where(({ and }) =>
      and({ connection_id: about.connectionId, stripe_payment_method_id: about.stripePaymentMethodId }),
    )
    .executeTakeFirst()
  return row && toMethod(row)
}

const unseenReason = 'Its account came back, and Stripe is still being asked about it.'
const elsewhere = 'It is saved at another Stripe account, which takes no new payments.'

/** What stands against a method is its own reason, or else where its account stands (STR-25, STR-38). */
const whyUnusable = sql<string | null>`coalesce(method.unusable_reason, case
  when connection.state in ('disconnecting', 'disconnected') then ${elsewhere}::text
  when connection.revived_at > coalesce(method.looked_at, method.created_at) then ${unseenReason}::text end)`

function methods(rows: ScopedHandle) {
  const { operatorId, mode } = rows.scope
  const all = rows
    .selectFrom('app.saved_methods as method')
    .innerJoin('app.connections as connection', (join) =>
      join
        .onRef('connection.operator_id', '=', 'method.operator_id')
        .onRef('connection.mode', '=', 'method.mode')
        .onRef('connection.id', '=', 'method.connection_id'),
    )
    .selectAll('method')
    .select(whyUnusable.as('why_unusable'))
    .where('method.operator_id', '=', operatorId)
    .where('method.mode', '=', mode)
  return rows.selectFrom(all.as('method')).selectAll()
}

function toMethod({ why_unusable: reason, ...row }: Record<string, unknown>): SavedMethod {
  return toFields<SavedMethod>({ ...row, unusable_reason: reason })
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

export async function findSetupBySession(
  rows: ScopedHandle,
  about: { connectionId: string; sessionId: string },
): Promise<Setup | undefined> {
  const row = await setups(rows)
    .where('connection_id', '=', about.connectionId)
    .where('stripe_checkout_session_id', '=', about.sessionId)
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
    closing_at: Date
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
    createdAt: row['created_at'],
    returnTo: row['return_to'],
  }
}
