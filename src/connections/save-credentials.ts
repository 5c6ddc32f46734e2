/**
 * Save Credentials, all or nothing (STR-143, STR-144): what was pasted is judged, then Stripe is asked while no transaction is open,
 * and only when everything passed one transaction writes. Until then the old credentials work as if nothing had happened (STR-22).
 */
import { dots, noteAudit } from '#audit'
import { done, publicId, type Mode, type Outcome, type Scope } from '#kernel'
import { inScope, newId, newToken, recordFact, Secret, type ScopedHandle, type SecretBox } from '#platform'
import { StripeFault, type CallTrace } from '#stripe'
import { keyPlace, openSecretKey, probePlace, probeText, type Connection, type ConnectionGround } from './connection.ts'
import { isSandboxKey, judgeCredentials, kindOfSecretKey, modeOfKey, type CredentialsInput } from './credentials.ts'
import { addEndpointSecret } from './endpoint-secrets.ts'
import { lookAtEndpoint } from './endpoints.ts'
import { refuse, shortAccount, type ConnectionProblem, type Refused } from './problems.ts'
import { addRoute, countSharedRoutes, lockRoutes } from './routing-store.ts'
import {
  findChargingConnection,
  findFormerConnection,
  findOwnKeysConnection,
  insertConnection,
  updateConnection,
  type ConnectionChange,
} from './store.ts'
import { verifyCredentials, type Verified } from './verify-credentials.ts'

export type CredentialsRequest = {
  readonly scope: Scope
  readonly actor: string
  readonly input: CredentialsInput
  /** How many renters pay by a method saved on the present account; asked only when the account differs (STR-25). */
  readonly countAutopayRenters: () => Promise<number>
  /** Given, keys of another account take the place of the present ones: called in the same transaction with the one they replace (STR-25). */
  readonly onSwitch?: (rows: ScopedHandle, replaced: Connection) => Promise<void>
}

export type SavedCredentials = {
  readonly connectionId: string
  readonly calls: readonly CallTrace[]
  /** When a webhook secret was pasted beside older ones: until when those work too. */
  readonly othersUntil: Date | undefined
}

export async function saveCredentials(
  ground: ConnectionGround,
  request: CredentialsRequest,
): Promise<Outcome<SavedCredentials, ConnectionProblem>> {
  const { scope } = request
  const before = await inScope(ground.database, scope, findOwnKeysConnection)
  const judged = judgeCredentials(request.input, Boolean(before?.keySealed))
  if (!judged.ok) return judged
  const { publishableKey, accountId, webhookSecret } = judged.value
  const secretKey = keyToVerify(ground, before, judged.value.secretKey)
  const misplaced = judgePlace(ground, { mode: scope.mode, publishableKey, secretKey })
  if (misplaced) return misplaced
  const connectionId = before?.id ?? newId(ground.database.clock)
  const credentials = { scope, connectionId, publishableKey, secretKey, accountId }
  const verified = await verifyCredentials({ stripe: ground.stripe, clock: ground.database.clock }, credentials)
  if (!verified.ok) return verified
  const foreign = await judgeAccount(request, { before, found: verified.value })
  if (foreign) return foreign
  const writing = {
    connectionId,
    before,
    publishableKey,
    secretKey,
    webhookSecret,
    verified: verified.value,
    actor: request.actor,
    onSwitch: request.onSwitch,
  }
  const committed = await inScope(ground.database, scope, (rows) => commit(rows, ground.box, writing))
  if (!committed.ok) return committed
  await lookForEndpoint(ground, scope)
  return done({ ...committed.value, calls: verified.value.calls })
}

/** The pasted key, or the saved one when the field was left as it was; the grammar made sure that one of them exists. */
function keyToVerify(ground: ConnectionGround, before: Connection | undefined, pasted: string | undefined): Secret {
  if (pasted !== undefined) return new Secret(pasted)
  if (!before) throw new Error('no secret key was pasted and none is saved')
  return openSecretKey(ground.box, before)
}

/** Which keys this installation takes at all: mode of the tab, live keys only where money is safe, sandbox keys only there (STR-18). */
function judgePlace(
  ground: ConnectionGround,
  { mode, publishableKey, secretKey }: { mode: Mode; publishableKey: string; secretKey: Secret },
): Refused | undefined {
  const keys = [publishableKey, secretKey.reveal()]
  const [publishableMode, secretMode] = keys.map(modeOfKey)
  if (publishableMode !== secretMode) {
    const words = { publishableMode: publishableMode ?? 'unknown', secretMode: secretMode ?? 'unknown' }
    return refuse('keys_of_two_modes', { field: '/secretKey', words })
  }
  const isOfSandbox = ground.isSandboxHost && keys.every(isSandboxKey)
  if (secretMode === 'live' && !isOfSandbox && !ground.acceptsLiveKeys)
    return refuse('live_needs_postgresql', { field: '/secretKey' })
  if (secretMode === 'live' && ground.isSandboxHost && !isOfSandbox)
    return refuse('real_key_at_sandbox', { field: '/secretKey' })
  if (!ground.isSandboxHost && keys.some(isSandboxKey)) return refuse('sandbox_key_at_stripe', { field: '/secretKey' })
  if (secretMode === mode) return undefined
  const [tab, otherTab] = mode === 'test' ? ['Test', 'Live'] : ['Live', 'Test']
  return refuse('other_mode_tab', {
    field: '/secretKey',
    words: { secretMode: secretMode ?? 'unknown', tab, otherTab },
  })
}

/** Step 5: never another account over an existing connection; the saved cards would be lost with nobody asked (STR-25). */
async function judgeAccount(
  request: CredentialsRequest,
  { before, found }: { before: Connection | undefined; found: Verified },
): Promise<Refused | undefined> {
  if (!before?.accountId || !found.accountId || !isOtherAccount(before, found)) return undefined
  if (before.state === 'disconnecting' || request.onSwitch) return undefined
  const count = await request.countAutopayRenters()
  const renters = `${count} ${count === 1 ? 'renter' : 'renters'}`
  const words = { account: shortAccount(found.accountId), currentAccount: shortAccount(before.accountId), renters }
  return refuse('different_account', { field: '/secretKey', words })
}

/** A restricted key may not read its account: then nothing is known against it. */
function isOtherAccount(before: Connection | undefined, found: Verified): boolean {
  return Boolean(before?.accountId && found.accountId && before.accountId !== found.accountId)
}

type Writing = {
  readonly connectionId: string
  readonly before: Connection | undefined
  readonly publishableKey: string
  readonly secretKey: Secret
  readonly webhookSecret: string | undefined
  readonly verified: Verified
  readonly actor: string
  readonly onSwitch: CredentialsRequest['onSwitch']
}

type Kept = Pick<SavedCredentials, 'connectionId' | 'othersUntil'>

/** Step 6. Somebody else's save in the meantime wins: theirs was verified against what they saw. */
async function commit(rows: ScopedHandle, box: SecretBox, writing: Writing): Promise<Outcome<Kept, ConnectionProblem>> {
  const { before, actor } = writing
  await lockRoutes(rows)
  const present = await findOwnKeysConnection(rows)
  if (
    present?.id !== before?.id ||
    present?.keyFingerprint !== before?.keyFingerprint ||
    present?.publishableKey !== before?.publishableKey
  ) {
    return refuse('changed_meanwhile')
  }
  const connectionId = await keep(rows, box, { ...writing, present })
  const accountId = writing.verified.accountId
  if (accountId) await addRoute(rows, { kind: 'account', key: accountId, connectionId })
  const pasted = writing.webhookSecret
  const added =
    pasted === undefined
      ? undefined
      : await addEndpointSecret(rows, box, { connectionId, secret: new Secret(pasted), source: 'pasted', actor })
  await recordFact(rows, { name: 'connection.verified', ids: { connection: connectionId }, actor })
  noteAudit(rows, {
    action: before ? 'connection.keys_replaced' : 'connection.keys_saved',
    object: { kind: 'connection', id: publicId('connection', connectionId) },
    ...(before && { before: keysOf(before.publishableKey, before.keyLast4, before.accountId) }),
    after: {
      ...keysOf(writing.publishableKey, writing.secretKey.reveal().slice(-4), accountId),
      ...(pasted !== undefined && { webhookSecret: dots(pasted.slice(-4)) }),
    },
  })
  return done({ connectionId, othersUntil: added?.othersUntil })
}

function keysOf(publishableKey: string | null, last4: string | null, accountId: string | null | undefined) {
  return { publishableKey: dots(publishableKey?.slice(-4)), secretKey: dots(last4), account: accountId ?? null }
}

/**
 * Writes the keys where they belong: over the connection that stands, into the one of the same account that drains or was disconnected,
 * so that its payments and saved cards live again (UI-132), or into a new one; what stands then begins to drain. @returns its id.
 */
async function keep(
  rows: ScopedHandle,
  box: SecretBox,
  writing: Writing & { readonly present: Connection | undefined },
): Promise<string> {
  const { present, verified } = writing
  const isOther = isOtherAccount(present, verified)
  if (present && isOther && present.state !== 'disconnecting') await writing.onSwitch?.(rows, present)
  const before = isOther ? undefined : present
  const former = before ?? (verified.accountId && (await findFormerConnection(rows, verified.accountId))) ?? undefined
  const connectionId = former?.id ?? (isOther ? newId(rows.clock) : writing.connectionId)
  const charging = await findChargingConnection(rows)
  const change = {
    ...changeOf(rows, box, { ...writing, before, connectionId }),
    isCharging: charging === undefined || charging.id === connectionId,
  }
  if (former && former.state !== 'disconnected') {
    await updateConnection(rows, connectionId, change)
    return connectionId
  }
  const endpointToken = newToken()
  if (former) {
    const revivedAt = rows.clock.now()
    await updateConnection(rows, connectionId, { ...change, ...noEndpoint, endpointToken, revivedAt })
    await recordFact(rows, { name: 'connection.revived', ids: { connection: connectionId }, actor: writing.actor })
  } else {
    await insertConnection(rows, { ...change, id: connectionId, kind: 'own_keys', state: 'connected', endpointToken })
  }
  await addRoute(rows, { kind: 'endpoint_token', key: endpointToken, connectionId })
  if ((await countSharedRoutes(rows)) < placesAtSharedAddress)
    await addRoute(rows, { kind: 'shared_endpoint', key: connectionId, connectionId })
  return connectionId
}

/** What was known of the endpoint went with the keys; the address is a new one. */
const noEndpoint = {
  stripeEndpointId: null,
  isEndpointOurs: false,
  endpointCheck: null,
  webhookFirstVerifiedAt: null,
  webhookLastVerifiedAt: null,
  webhookLastRefusedAt: null,
} satisfies ConnectionChange

const placesAtSharedAddress = 4

function changeOf(
  rows: ScopedHandle,
  box: SecretBox,
  { connectionId, before, publishableKey, secretKey, verified }: Writing,
): ConnectionChange {
  const place = { operatorId: rows.scope.operatorId, id: connectionId }
  const { account, probe } = verified
  const fingerprint = box.fingerprint(secretKey)
  const isSameKey = before?.keyFingerprint === fingerprint
  return {
    state: 'connected',
    accountId: verified.accountId ?? before?.accountId ?? null,
    sendsAccountHeader: verified.sendsAccountHeader,
    ...(account && {
      accountName: account.name,
      accountCountry: account.country,
      accountCurrency: account.currency,
      chargesEnabled: account.chargesEnabled,
      payoutsEnabled: account.payoutsEnabled,
    }),
    disabledReason: account?.disabledReason ?? null,
    publishableKey,
    isPublishableKeyProven: probe !== undefined,
    keySealed: box.seal(secretKey, keyPlace(place)),
    keyKind: kindOfSecretKey(secretKey.reveal()),
    keyLast4: secretKey.reveal().slice(-4),
    keyFingerprint: fingerprint,
    keyChangedAt: isSameKey ? before.keyChangedAt : rows.clock.now(),
    probeSealed: probe ? box.seal(probeText(probe), probePlace(place)) : null,
  }
}

/** The keys are saved by now: whatever the look at the endpoints brings, it only fills the webhook part of the screen. */
async function lookForEndpoint(ground: ConnectionGround, scope: Scope): Promise<void> {
  try {
    await lookAtEndpoint(ground, scope)
  } catch (error) {
    if (!(error instanceof StripeFault)) throw error
  }
}
