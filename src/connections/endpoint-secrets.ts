/**
 * Signing secrets of webhook endpoints (STR-57, STR-58). Several may be valid at once: a new one is valid at once and every older
 * one for exactly 24 hours more, unless less was chosen, so no delivery under way is refused. The verifier asks here which secrets
 * take part at an address.
 */
import { dots, noteAudit } from '#audit'
import { done, publicId, type Mode, type OperatorId, type Outcome, type Uuid } from '#kernel'
import { inScope, newId, recordFact, Secret, type Database, type ScopedHandle, type SecretBox } from '#platform'
import { endpointSecretPlace, isValidAt, type EndpointSecret } from './connection.ts'
import { cleanInput, isMask, judgeWebhookSecret } from './credentials.ts'
import type { ConnectionProblem } from './problems.ts'
import { listTargets, type RoutingTarget } from './routing-store.ts'
import {
  findConnection,
  findOwnKeysConnection,
  insertEndpointSecret,
  listEndpointSecrets,
  setFirstVerified,
  touchDelivery,
  updateEndpointSecret,
  type SealedEndpointSecret,
} from './store.ts'
import { refuse } from './problems.ts'

const defaultOverlapMs = 24 * 60 * 60 * 1000

export type NewEndpointSecret = {
  readonly connectionId: Uuid
  readonly secret: Secret
  readonly source: EndpointSecret['source']
  readonly actor: string
  /** How long the older ones stay valid: 24 hours when not given, `open` leaves them as they are. */
  readonly overlapMs?: number | 'open'
}

/** Adds a secret, valid now. Giving a known one again ends its end; the others get their end. @returns until when the others work. */
export async function addEndpointSecret(
  rows: ScopedHandle,
  box: SecretBox,
  added: NewEndpointSecret,
): Promise<{ id: Uuid; othersUntil: Date | undefined }> {
  const now = rows.clock.now()
  const fingerprint = box.fingerprint(added.secret)
  const valid = (await listEndpointSecrets(rows, added.connectionId)).filter((secret) => isValidAt(secret, now))
  const known = valid.find((secret) => secret.fingerprint === fingerprint)
  const id = known?.id ?? newId(rows.clock)
  if (known) await updateEndpointSecret(rows, id, { not_after: null })
  else {
    const sealed = box.seal(added.secret, endpointSecretPlace({ operatorId: rows.scope.operatorId, id }))
    const { connectionId, source, actor } = added
    const last4 = added.secret.reveal().slice(-4)
    await insertEndpointSecret(rows, { id, connectionId, sealed, fingerprint, last4, source, createdBy: actor })
  }
  if (added.overlapMs === 'open' || valid.every((secret) => secret === known)) return { id, othersUntil: undefined }
  const othersUntil = new Date(now.getTime() + (added.overlapMs ?? defaultOverlapMs))
  await endEndpointSecrets(rows, { connectionId: added.connectionId, at: othersUntil, except: id })
  return { id, othersUntil }
}

/** Ends secrets of a connection at an instant, exactly; one that ends earlier keeps its end. All but one, or only one. */
export async function endEndpointSecrets(
  rows: ScopedHandle,
  ending: { readonly connectionId: Uuid; readonly at: Date; readonly except?: Uuid; readonly only?: Uuid },
): Promise<void> {
  for (const { id, notAfter } of await listEndpointSecrets(rows, ending.connectionId)) {
    const isMeant = ending.only === undefined ? id !== ending.except : id === ending.only
    if (isMeant && (notAfter === null || notAfter > ending.at))
      await updateEndpointSecret(rows, id, { not_after: ending.at })
  }
}

/** Takes back an end that was announced: what was to end at this instant, and has not, stays valid. */
export async function reopenEndpointSecrets(
  rows: ScopedHandle,
  { connectionId, endingAt }: { readonly connectionId: Uuid; readonly endingAt: Date },
): Promise<void> {
  if (endingAt <= rows.clock.now()) return
  for (const { id, notAfter } of await listEndpointSecrets(rows, connectionId))
    if (notAfter?.getTime() === endingAt.getTime()) await updateEndpointSecret(rows, id, { not_after: null })
}

export type PastedSecret = { readonly webhookSecret: string; readonly actor: string }

/** What a person pasted. The dots of a saved secret mean: nothing changed. @returns until when older secrets work beside it. */
export async function pasteWebhookSecret(
  rows: ScopedHandle,
  box: SecretBox,
  pasted: PastedSecret,
): Promise<Outcome<{ othersUntil: Date | undefined }, ConnectionProblem>> {
  const connection = await findOwnKeysConnection(rows)
  if (!connection) return refuse('no_connection')
  const text = cleanInput(pasted.webhookSecret)
  if (isMask(text)) return done({ othersUntil: undefined })
  const refusal = judgeWebhookSecret(text)
  if (refusal) return refusal
  const object = { kind: 'connection', id: publicId('connection', connection.id) }
  noteAudit(rows, { action: 'connection.webhook_secret_pasted', object, after: { secret: dots(text.slice(-4)) } })
  return done(
    await addEndpointSecret(rows, box, {
      connectionId: connection.id,
      secret: new Secret(text),
      source: 'pasted',
      actor: pasted.actor,
    }),
  )
}

/** Every secret of a connection made useless, now. */
export async function wipeEndpointSecrets(rows: ScopedHandle, connectionId: Uuid): Promise<void> {
  const now = rows.clock.now()
  for (const secret of await listEndpointSecrets(rows, connectionId)) {
    const ends = secret.notAfter !== null && secret.notAfter < now ? secret.notAfter : now
    await updateEndpointSecret(rows, secret.id, { sealed: null, not_after: ends })
  }
}

/** One secret a delivery at an address may be signed with, and whose deliveries those are. */
export type CandidateSecret = {
  readonly secret: Secret
  readonly operatorId: OperatorId
  readonly mode: Mode
  readonly connectionId: Uuid
  readonly endpointSecretId: Uuid
  /** From when it no longer takes part; null while nothing ends it. */
  readonly notAfter: Date | null
  /** Unknown while the key may not read its own account. */
  readonly accountId: string | undefined
}

/**
 * Whose secrets take part (STR-53): at an operator's own address those of one connection, at the shared address those of the (at
 * most four) connections that use it. Unknown tokens give none. Opens one scope per operator; call it outside any transaction.
 */
export async function candidateSecrets(
  database: Database,
  box: SecretBox,
  { endpointToken, now }: { readonly endpointToken?: string | undefined; readonly now: Date },
): Promise<readonly CandidateSecret[]> {
  const targets =
    endpointToken === undefined
      ? await listTargets(database, 'shared_endpoint')
      : await listTargets(database, 'endpoint_token', endpointToken)
  const found = await listSecretsOfTargets(database, targets)
  return found
    .filter(({ secret }) => isValidAt(secret, now))
    .map(({ target, secret, accountId }) => ({
      ...target,
      accountId,
      notAfter: secret.notAfter,
      secret: box.open(secret.sealed, endpointSecretPlace({ operatorId: target.operatorId, id: secret.id })),
      endpointSecretId: secret.id,
    }))
}

/** The signing secrets behind each target, read under each operator's own scope: no scope sees two operators. */
async function listSecretsOfTargets(database: Database, targets: readonly RoutingTarget[]) {
  const found: { target: RoutingTarget; accountId: string | undefined; secret: SealedEndpointSecret }[] = []
  for (const target of targets) {
    await inScope(database, { operatorId: target.operatorId, mode: target.mode }, async (rows) => {
      const accountId = (await findConnection(rows, target.connectionId))?.accountId ?? undefined
      const secrets = await listEndpointSecrets(rows, target.connectionId)
      found.push(...secrets.map((secret) => ({ target, accountId, secret })))
    })
  }
  return found
}

/** A delivery matched this secret. The first one ever is a fact. */
export async function recordVerifiedDelivery(
  rows: ScopedHandle,
  delivery: { readonly connectionId: Uuid; readonly endpointSecretId: Uuid; readonly at: Date },
): Promise<void> {
  await touchDelivery(rows, delivery.connectionId, { outcome: 'verified', at: delivery.at })
  await updateEndpointSecret(rows, delivery.endpointSecretId, { last_matched_at: delivery.at })
  const isFirst = await setFirstVerified(rows, delivery.connectionId, delivery.at)
  if (isFirst) await recordFact(rows, { name: 'webhook.first_verified', ids: { connection: delivery.connectionId } })
}

/** A delivery at this connection's own address matched none of its secrets. */
export async function recordRefusedDelivery(
  rows: ScopedHandle,
  delivery: { readonly connectionId: Uuid; readonly at: Date },
): Promise<void> {
  await touchDelivery(rows, delivery.connectionId, { outcome: 'refused', at: delivery.at })
}
