/**
 * The noun: how one operator is joined to Stripe in one mode (STR-13). Secrets stand here only as sealed text and as what may be shown
 * of them. The standing of the webhook is judged here, from facts alone.
 */
import type { AccountId, Mode, OperatorId, SetupIntentId, Uuid } from '#kernel'
import { Secret, type Database, type SecretBox } from '#platform'
import type { EndpointId, Probe, StripeGateway, StripeScope } from '#stripe'
import { connectionPhrases, type ConnectionState } from './connection-state.ts'

export type Connection = {
  readonly id: Uuid
  readonly operatorId: OperatorId
  readonly mode: Mode
  readonly kind: 'own_keys' | 'connect'
  readonly state: ConnectionState
  /** New money goes through this one; at most one per operator and mode. */
  readonly isCharging: boolean
  /** Unknown when the key may not read its account and none was given. */
  readonly accountId: AccountId | null
  /** The Account ID differs from the key's own account, so it is sent with every call (STR-2). */
  readonly sendsAccountHeader: boolean
  readonly accountName: string
  readonly accountCountry: string
  readonly accountCurrency: string
  readonly chargesEnabled: boolean
  readonly payoutsEnabled: boolean
  /** Stripe's code of why it switched something off. */
  readonly disabledReason: string | null
  readonly publishableKey: string
  readonly isPublishableKeyProven: boolean
  readonly keySealed: string | null
  readonly keyKind: 'secret' | 'restricted' | null
  readonly keyLast4: string
  readonly keyFingerprint: string
  readonly keyChangedAt: Date | null
  /** The handshake's SetupIntent, its id and client secret sealed together. */
  readonly probeSealed: string | null
  readonly endpointToken: string
  readonly stripeEndpointId: EndpointId | null
  readonly isEndpointOurs: boolean
  readonly endpointCheck: EndpointCheck | null
  readonly webhookFirstVerifiedAt: Date | null
  readonly webhookLastVerifiedAt: Date | null
  readonly webhookLastRefusedAt: Date | null
  /** Calls that move money are switched off (STR-12). */
  readonly writesFrozenReason: string | null
  readonly lastTestedAt: Date | null
  /** When the account came back after it had been away; what is saved in it is looked at again before it counts (STR-38). */
  readonly revivedAt: Date | null
  readonly version: number
  readonly createdAt: Date
}

/** What the deeds of this module stand on; made once by the wiring. */
export type ConnectionGround = {
  readonly database: Database
  readonly box: SecretBox
  readonly stripe: StripeGateway
  /** Base of every address, without a slash at its end. */
  readonly publicUrl: string
  /** False on the embedded database, which refuses live keys (STR-18). */
  readonly acceptsLiveKeys: boolean
  /** The gateway talks to the sandbox. */
  readonly isSandboxHost: boolean
}

/** Whatever follows from the parts themselves: which keys are taken, and whether Stripe is the sandbox. */
export function connectionGroundOf(
  parts: Pick<ConnectionGround, 'database' | 'box' | 'stripe' | 'publicUrl'>,
): ConnectionGround {
  const { database, box, stripe, publicUrl } = parts
  const isSandboxHost = new URL(stripe.apiBase).hostname !== 'api.stripe.com'
  return { database, box, stripe, publicUrl, acceptsLiveKeys: database.kind === 'postgres', isSandboxHost }
}

/** What the last look at the endpoints in Stripe found. */
export type EndpointCheck = {
  readonly checkedAt: string
  readonly isFound: boolean
  readonly endpointId: EndpointId | null
  readonly url: string | null
  readonly isEnabled: boolean
  readonly missingRequired: readonly string[]
  readonly missingRecommended: readonly string[]
  readonly apiVersion: string | null
  /** Endpoints the account has in all; Stripe allows 16. */
  readonly endpointCount: number
}

/** One signing secret of a connection, without the secret. */
export type EndpointSecret = {
  readonly id: Uuid
  readonly connectionId: Uuid
  readonly fingerprint: string
  readonly last4: string
  readonly source: 'created' | 'pasted' | 'environment'
  readonly notBefore: Date
  readonly notAfter: Date | null
  readonly createdBy: string
  readonly lastMatchedAt: Date | null
}

/** The overlay of STR-15 that this issue can tell: `silent` needs polling's knowledge and is not among them. */
export type WebhookStanding = 'missing' | 'waiting_first_event' | 'partial' | 'disabled' | 'healthy'

export function judgeWebhook(connection: Connection, secrets: readonly EndpointSecret[], now: Date): WebhookStanding {
  const hasSecret = secrets.some((secret) => isValidAt(secret, now))
  const check = connection.endpointCheck
  if (!hasSecret || check?.isFound === false) return 'missing'
  if (check?.isEnabled === false) return 'disabled'
  if (check && check.missingRequired.length > 0) return 'partial'
  return connection.webhookFirstVerifiedAt ? 'healthy' : 'waiting_first_event'
}

/** `not_before ≤ now < not_after` (STR-53). */
export function isValidAt(secret: { readonly notBefore: Date; readonly notAfter: Date | null }, now: Date): boolean {
  return secret.notBefore <= now && (secret.notAfter === null || now < secret.notAfter)
}

/** Where a connection's secret key is sealed: bound to operator, field and row (TRU-31). */
export function keyPlace(connection: { readonly operatorId: string; readonly id: string }) {
  return { operatorId: connection.operatorId, field: 'connections.secret_key', rowId: connection.id }
}

export function probePlace(connection: { readonly operatorId: string; readonly id: string }) {
  return { operatorId: connection.operatorId, field: 'connections.probe', rowId: connection.id }
}

export function endpointSecretPlace(secret: { readonly operatorId: string; readonly id: string }) {
  return { operatorId: secret.operatorId, field: 'endpoint_secrets.sealed', rowId: secret.id }
}

/** @throws when the connection has no key (it was disconnected). */
export function openSecretKey(box: SecretBox, connection: Connection): Secret {
  if (connection.keySealed === null) throw new Error(`connection ${connection.id} has no secret key`)
  return box.open(connection.keySealed, keyPlace(connection))
}

/** The handshake's SetupIntent as one text, so that it is sealed as a whole. */
export function probeText(probe: Probe): Secret {
  return new Secret(`${probe.id}|${probe.clientSecret.reveal()}`)
}

/** Undefined when the handshake was skipped at the last save. */
export function openProbe(box: SecretBox, connection: Connection): Probe | undefined {
  if (connection.probeSealed === null) return undefined
  const [id = '', clientSecret = ''] = box.open(connection.probeSealed, probePlace(connection)).reveal().split('|')
  return { id: id as SetupIntentId, clientSecret: new Secret(clientSecret) }
}

/** Whether Stripe can be asked anything through it: it has a key of its own, or an account that the platform's key acts for. */
export function isJoined({ kind, state, keySealed, accountId }: Connection): boolean {
  return kind === 'connect' ? state !== 'disconnected' && accountId !== null : keySealed !== null
}

/** Nothing that moves money goes out through it for now, and nothing of it fails: it goes on when the connection works again. */
export function isHeld(connection: Connection): boolean {
  const { state, writesFrozenReason } = connection
  return state === 'broken' || !isJoined(connection) || Boolean(writesFrozenReason)
}

/**
 * Opens the key for one piece of work; a connected account is reached with the platform's, by name (STR-2), and every call for one that
 * has left is refused before it is sent (STR-27). @throws when a connection with own keys has none (it was disconnected).
 */
export function stripeScopeOf(box: SecretBox, connection: Connection): StripeScope {
  const { id, operatorId, mode, accountId } = connection
  if (connection.kind === 'connect') {
    const scope = { credential: 'platform', mode, operatorId, connectionId: id } as const
    return accountId && isJoined(connection) ? { ...scope, account: accountId } : { ...scope, isClosed: true }
  }
  return {
    credential: openSecretKey(box, connection),
    mode: connection.mode,
    connectionId: connection.id,
    operatorId: connection.operatorId,
    ...(connection.sendsAccountHeader && connection.accountId && { account: connection.accountId }),
  }
}

export type Badge = {
  readonly tone: 'green' | 'blue' | 'yellow' | 'red' | 'grey'
  readonly label: string
  readonly sentence: string
}

/**
 * The badges of the card, the connection's own first (UI-124, UI-130).
 * @param isRefusing see `isRefusingDeliveries`; it outweighs what was proven before.
 */
export function badgesOf(connection: Connection, standing: WebhookStanding, isRefusing: boolean): readonly Badge[] {
  const own = ownBadge(connection)
  const isLiving = connection.state === 'connected' || connection.state === 'broken'
  const webhook = isRefusing ? refusingBadge : webhookBadges[standing]
  return isLiving && webhook ? [own, webhook] : [own]
}

/** Since the newest secret, what came last at the connection's own address matched none of its secrets (TRU-126). */
export function isRefusingDeliveries(connection: Connection, secrets: readonly EndpointSecret[], now: Date): boolean {
  const newest = secrets.find((secret) => isValidAt(secret, now))
  const { webhookLastRefusedAt: refusedAt, webhookLastVerifiedAt: verifiedAt } = connection
  if (!newest || !refusedAt || refusedAt <= newest.notBefore) return false
  return !verifiedAt || verifiedAt <= refusedAt
}

const refusingBadge: Badge = {
  tone: 'red',
  label: 'Deliveries refused',
  sentence:
    'Deliveries arrive, but the signature does not match. Paste the secret of this endpoint below, or create the endpoint anew. Payments settle by polling until then.',
}

function ownBadge(connection: Connection): Badge {
  if (connection.state === 'broken') {
    return {
      tone: 'red',
      label: 'Key refused',
      sentence: 'Stripe no longer accepts your key. Payments are waiting, none is lost.',
    }
  }
  if (connection.state === 'disconnecting') {
    const sentence = 'Nothing new is charged. The keys go when what is under way has ended.'
    return { tone: 'blue', label: connectionPhrases.disconnecting, sentence }
  }
  if (connection.state !== 'connected')
    return { tone: 'grey', label: connectionPhrases[connection.state], sentence: '' }
  if (!connection.isPublishableKeyProven) {
    const sentence =
      'The restricted key may not make SetupIntents, so the publishable key could not be compared with it.'
    return { tone: 'green', label: 'Connected – publishable key not checked', sentence }
  }
  return { tone: 'green', label: 'Connected', sentence: '' }
}

const webhookBadges: Readonly<Partial<Record<WebhookStanding, Badge>>> = {
  missing: {
    tone: 'yellow',
    label: 'Webhook missing',
    sentence: 'Payments still settle by polling, up to 15 minutes late. Add the webhook below.',
  },
  waiting_first_event: {
    tone: 'yellow',
    label: 'Waiting for first event',
    sentence: 'The webhook is set up. The first event Stripe sends will prove it.',
  },
  partial: {
    tone: 'yellow',
    label: 'Webhook incomplete',
    sentence: 'Some of the ten events are not selected at Stripe. Press Add missing events below.',
  },
  disabled: {
    tone: 'red',
    label: 'Webhook off',
    sentence: 'Stripe switched this endpoint off. Payments settle by polling until it is switched on again.',
  },
}
