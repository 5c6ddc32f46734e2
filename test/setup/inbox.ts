/** What tests of the webhook road share: a connection with a signing secret, deliveries as Stripe signs them, and reactions that record. */
import Stripe from 'stripe'
import { pasteWebhookSecret } from '#connections'
import type { Mode, Scope } from '#kernel'
import { inScope, listFacts, newId, newToken, recordFact, tokenHash, type Database } from '#platform'
import type { Reaction } from '#stripe'
import type { NewEvent, Reactions } from '#inbox'
import { createReceiver, type Receipt, type ReceiverOptions } from '#webhooks'
import type { TestGround } from './databases.ts'

/** For tests of recovery, which may not open the door above it themselves. */
export { startInbox } from '#webhooks'

export type TestConnection = {
  readonly scope: Scope
  readonly connectionId: string
  readonly accountId: string | undefined
  readonly endpointToken: string
  readonly secret: string
}

const signer = new Stripe('sk_test_unused')

/** A connected operator whose own address has one secret. @param changes.accountId null for a key that may not read its account. */
export async function makeConnection(
  ground: TestGround,
  changes: { mode?: Mode; accountId?: string | null; isShared?: boolean } = {},
): Promise<TestConnection> {
  const { database, box, clock } = ground
  const { scope } = await ground.makeOperator(changes.mode)
  const [connectionId, endpointToken, secret] = [newId(clock), newToken(), `whsec_${newToken()}`]
  const accountId = changes.accountId === undefined ? `acct_${connectionId.replaceAll('-', '')}` : changes.accountId
  const own = { operator_id: scope.operatorId, mode: scope.mode, created_at: clock.now() }
  await inScope(database, scope, async (rows) => {
    await rows
      .insertInto('app.connections')
      .values({
        ...own,
        id: connectionId,
        kind: 'own_keys',
        state: 'connected',
        is_charging: true,
        stripe_account_id: accountId,
        endpoint_token: endpointToken,
        updated_at: clock.now(),
      })
      .execute()
    for (const kind of changes.isShared ? ['endpoint_token', 'shared_endpoint'] : ['endpoint_token']) {
      const key_hash = tokenHash(kind === 'endpoint_token' ? endpointToken : connectionId)
      await rows
        .insertInto('app.routing_keys')
        .values({ ...own, kind, key_hash, target_id: connectionId })
        .execute()
    }
    await pasteWebhookSecret(rows, box, { webhookSecret: secret, actor: 'test' })
  })
  return { scope, connectionId, accountId: accountId ?? undefined, endpointToken, secret }
}

/** From now on news by the endpoints of the installation find this connection by its account. */
export async function routeAccount({ database, clock }: TestGround, connection: TestConnection): Promise<void> {
  const { scope, accountId = '', connectionId } = connection
  await inScope(database, scope, (rows) =>
    rows
      .insertInto('app.routing_keys')
      .values({
        operator_id: scope.operatorId,
        mode: scope.mode,
        kind: 'account',
        key_hash: tokenHash(accountId),
        target_id: connectionId,
        created_at: clock.now(),
      })
      .execute(),
  )
}

/** What is kept of an event about a payment nobody else has. */
export function newEventFor(
  { clock }: TestGround,
  connection: TestConnection,
  changes: Partial<NewEvent> = {},
): NewEvent {
  return {
    state: 'received',
    reason: '',
    objectKind: 'payment_intent',
    objectId: `pi_${newToken()}`,
    sourceAccount: connection.accountId ?? '',
    operatorId: connection.scope.operatorId,
    mode: 'test',
    connectionId: connection.connectionId,
    endpoint: 'own',
    eventId: `evt_${newToken()}`,
    type: 'payment_intent.succeeded',
    apiVersion: '2026-10-28.endive',
    via: 'delivery',
    id: newId(clock),
    receivedAt: clock.now(),
    body: Buffer.from('{}'),
    ...changes,
  }
}

export type SentEvent = {
  readonly id?: string
  readonly type?: string
  readonly objectId: string
  readonly objectKind?: string
  readonly [more: string]: unknown
}

/** An event as Stripe prints it. What is given beside type and object replaces the fields of that name. */
export function eventText({ type = 'payment_intent.succeeded', objectId, objectKind, ...changes }: SentEvent): string {
  const object = { id: objectId, object: objectKind ?? 'payment_intent', metadata: {} }
  const event = { id: `evt_${newToken()}`, object: 'event', type, livemode: false, data: { object }, ...changes }
  return JSON.stringify(event, null, 2)
}

/** The header `Stripe-Signature` for this body, made by the SDK. */
export function signatureFor(
  { clock }: Pick<Database, 'clock'>,
  { body, secret }: { body: string; secret: string },
): string {
  const timestamp = Math.floor(clock.now().getTime() / 1000)
  return signer.webhooks.generateTestHeaderString({ payload: body, secret, timestamp })
}

/** Sends a signed event to the connection's own address, without HTTP. */
export function deliver(ground: TestGround, connection: TestConnection, event: SentEvent | string): Promise<Receipt> {
  const body = typeof event === 'string' ? event : eventText(event)
  return makeReceiver(ground).receive({
    endpointToken: connection.endpointToken,
    signature: signatureFor(ground, { body, secret: connection.secret }),
    body: Buffer.from(body),
  })
}

export function makeReceiver({ database, box, logs }: TestGround, onKept: ReceiverOptions['onKept'] = () => {}) {
  return createReceiver({ database, box, logs, onKept })
}

/** Does its work once, whatever it is told: the effect is a fact about what was observed. */
export const effectOnce: Reaction<string>['apply'] = async (rows, _connectionId, observed) => {
  const ids = { payment: observed }
  if ((await listFacts(rows, ids)).length === 0) await recordFact(rows, { name: 'payment.settled', ids })
  return 'done'
}

/** How often the effect of `effectOnce` happened. */
export async function countEffects(ground: TestGround, scope: Scope, observed: string): Promise<number> {
  return (await inScope(ground.database, scope, (rows) => listFacts(rows, { payment: observed }))).length
}

type Read = (objectId: string) => Promise<string | undefined>

/** One reaction for every kind of object. @param read what Stripe says now; the object's own id when not given. */
export function reactionsOf(read: Read = async (id) => id, apply: Reaction<string>['apply'] = effectOnce): Reactions {
  const reaction: Reaction<string> = { read: (_scope, _connectionId, objectId) => read(objectId), apply }
  return { payment_intent: reaction, setup_intent: reaction, refund: reaction, charge: reaction }
}

/** Something to wait behind. */
export function makeGate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => (open = resolve))
  return { opened, open: () => open() }
}
