/**
 * A connection as the screen shows it (screens §5.1): badges, account, what may be shown of the secrets, and the webhook with its
 * addresses and events. No secret and no sealed text can be in it: it is built member by member.
 */
import { publicId, type Mode } from '#kernel'
import {
  badgesOf,
  connectionStates,
  endpointAddresses,
  inactiveAccountSentence,
  isPublicAddress,
  isRefusingDeliveries,
  judgeWebhook,
  restrictedKeyPermissions,
  type Connection,
  type ConnectionGround,
  type EndpointCheck,
  type EndpointSecret,
} from '#connections'
import { eventPurposes, PINNED_API_VERSION, recommendedEvents, requiredEvents } from '#stripe'
import { z } from '@hono/zod-openapi'

const eventMark = z.enum(['selected', 'missing', 'not_checked'])

const webhookAnswer = z.strictObject({
  state: z.enum(['missing', 'waiting_first_event', 'partial', 'disabled', 'healthy']),
  /** Empty until the keys are saved. */
  addresses: z.strictObject({ own: z.string().optional(), shared: z.string().optional() }),
  /** Why Stripe could not deliver there, as a sentence. */
  addressNotice: z.string().optional(),
  secrets: z.array(
    z.strictObject({
      last4: z.string(),
      fingerprint: z.string(),
      source: z.enum(['created', 'pasted', 'environment']),
      createdBy: z.string(),
      validFrom: z.string(),
      validUntil: z.string().optional(),
      lastMatchedAt: z.string().optional(),
    }),
  ),
  firstVerifiedAt: z.string().optional(),
  lastVerifiedAt: z.string().optional(),
  lastRefusedAt: z.string().optional(),
  /** What the last look at Stripe found; absent when nobody looked yet. */
  endpoint: z
    .strictObject({
      checkedAt: z.string(),
      isFound: z.boolean(),
      url: z.string().optional(),
      isEnabled: z.boolean(),
      isOurs: z.boolean(),
      apiVersion: z.string().optional(),
      endpointCount: z.number().int(),
    })
    .optional(),
  events: z.array(z.strictObject({ name: z.string(), purpose: z.string(), atStripe: eventMark })),
  recommendedEvents: z.array(z.strictObject({ name: z.string(), atStripe: eventMark })),
})

export const connectionAnswer = z.strictObject({
  id: z.string().optional(),
  mode: z.enum(['test', 'live']),
  state: z.enum(['none', ...connectionStates]),
  badges: z.array(
    z.strictObject({
      tone: z.enum(['green', 'blue', 'yellow', 'red', 'grey']),
      label: z.string(),
      sentence: z.string(),
    }),
  ),
  account: z
    .strictObject({
      id: z.string().optional(),
      name: z.string(),
      country: z.string(),
      currency: z.string(),
      chargesEnabled: z.boolean(),
      payoutsEnabled: z.boolean(),
      notice: z.string().optional(),
    })
    .optional(),
  publishableKey: z.string(),
  /** The field Account ID: only what was given and differs from the key's own account. */
  accountId: z.string(),
  secretKey: z
    .strictObject({
      last4: z.string(),
      fingerprint: z.string(),
      kind: z.enum(['secret', 'restricted']),
      changedAt: z.string(),
    })
    .optional(),
  webhook: webhookAnswer,
  writesFrozenReason: z.string().optional(),
  lastTestedAt: z.string().optional(),
  /** The API version an endpoint of ours is created with. */
  apiVersion: z.string(),
  restrictedKeyPermissions: z.array(z.strictObject({ name: z.string(), access: z.enum(['read', 'write']) })),
})

export type ConnectionAnswer = z.infer<typeof connectionAnswer>

export type ConnectionSeen = {
  readonly mode: Mode
  readonly connection: Connection | undefined
  readonly secrets: readonly EndpointSecret[]
  readonly isOnShared: boolean
}

export function connectionView(ground: ConnectionGround, seen: ConnectionSeen): ConnectionAnswer {
  const { connection, mode } = seen
  const common = {
    mode,
    apiVersion: PINNED_API_VERSION,
    restrictedKeyPermissions: restrictedKeyPermissions.map(({ name, access }) => ({ name, access })),
  }
  if (!connection)
    return { ...common, state: 'none', badges: [], publishableKey: '', accountId: '', webhook: noWebhook(ground) }
  const now = ground.database.clock.now()
  const standing = judgeWebhook(connection, seen.secrets, now)
  const badges = badgesOf(connection, standing, isRefusingDeliveries(connection, seen.secrets, now))
  return {
    ...common,
    id: publicId('connection', connection.id),
    state: connection.state,
    badges: badges.map((badge) => ({ ...badge })),
    account: accountView(connection),
    publishableKey: connection.publishableKey,
    accountId: connection.sendsAccountHeader ? (connection.accountId ?? '') : '',
    ...secretKeyView(connection),
    webhook: webhookView(ground, { ...seen, connection, standing }),
    ...(connection.writesFrozenReason && { writesFrozenReason: connection.writesFrozenReason }),
    ...instant('lastTestedAt', connection.lastTestedAt),
  }
}

function accountView(connection: Connection): NonNullable<ConnectionAnswer['account']> {
  const { accountId, accountName, accountCountry, accountCurrency, chargesEnabled, payoutsEnabled } = connection
  // Without a name the key may not read its account, and nothing is known about what Stripe switched off.
  const isInactive = accountCountry !== '' && !chargesEnabled
  return {
    ...(accountId && { id: accountId }),
    name: accountName,
    country: accountCountry,
    currency: accountCurrency,
    chargesEnabled,
    payoutsEnabled,
    ...(isInactive && { notice: inactiveAccountSentence(connection.disabledReason) }),
  }
}

function secretKeyView({
  keyKind,
  keyLast4,
  keyFingerprint,
  keyChangedAt,
}: Connection): Pick<ConnectionAnswer, 'secretKey'> {
  if (keyKind === null || keyChangedAt === null) return {}
  return {
    secretKey: { last4: keyLast4, fingerprint: keyFingerprint, kind: keyKind, changedAt: keyChangedAt.toISOString() },
  }
}

type Webhook = ConnectionAnswer['webhook']

function webhookView(
  ground: ConnectionGround,
  {
    connection,
    secrets,
    isOnShared,
    standing,
  }: ConnectionSeen & { connection: Connection; standing: Webhook['state'] },
): Webhook {
  const { own, shared } = endpointAddresses(ground.publicUrl, connection, isOnShared)
  const check = connection.endpointCheck ?? undefined
  return {
    state: standing,
    addresses: { own, ...(shared !== undefined && { shared }) },
    ...addressNotice(ground),
    secrets: secrets.map((secret) => ({
      last4: secret.last4,
      fingerprint: secret.fingerprint,
      source: secret.source,
      createdBy: secret.createdBy,
      validFrom: secret.notBefore.toISOString(),
      ...instant('validUntil', secret.notAfter),
      ...instant('lastMatchedAt', secret.lastMatchedAt),
    })),
    ...instant('firstVerifiedAt', connection.webhookFirstVerifiedAt),
    ...instant('lastVerifiedAt', connection.webhookLastVerifiedAt),
    ...instant('lastRefusedAt', connection.webhookLastRefusedAt),
    ...(check && { endpoint: endpointView(check, connection) }),
    events: requiredEvents.map((name) => ({
      name,
      purpose: eventPurposes[name],
      atStripe: markOf(check, check?.missingRequired, name),
    })),
    recommendedEvents: recommendedEvents.map((name) => ({
      name,
      atStripe: markOf(check, check?.missingRecommended, name),
    })),
  }
}

function noWebhook(ground: ConnectionGround): Webhook {
  return {
    state: 'missing',
    addresses: {},
    ...addressNotice(ground),
    secrets: [],
    events: requiredEvents.map((name) => ({ name, purpose: eventPurposes[name], atStripe: 'not_checked' as const })),
    recommendedEvents: recommendedEvents.map((name) => ({ name, atStripe: 'not_checked' as const })),
  }
}

function endpointView(check: EndpointCheck, { isEndpointOurs }: Connection): NonNullable<Webhook['endpoint']> {
  return {
    checkedAt: check.checkedAt,
    isFound: check.isFound,
    isEnabled: check.isEnabled,
    isOurs: isEndpointOurs,
    endpointCount: check.endpointCount,
    ...(check.url !== null && { url: check.url }),
    ...(check.apiVersion !== null && { apiVersion: check.apiVersion }),
  }
}

function markOf(
  check: EndpointCheck | undefined,
  missing: readonly string[] | undefined,
  name: string,
): z.infer<typeof eventMark> {
  if (!check?.isFound) return 'not_checked'
  return missing?.includes(name) ? 'missing' : 'selected'
}

/** The sandbox delivers anywhere; Stripe itself does not (UI-127). */
function addressNotice({ isSandboxHost, publicUrl }: ConnectionGround): Pick<Webhook, 'addressNotice'> {
  if (isSandboxHost || isPublicAddress(publicUrl)) return {}
  return { addressNotice: `Stripe delivers only to public https addresses. ${publicUrl} is not one. Set PUBLIC_URL.` }
}

function instant<Name extends string>(name: Name, at: Date | null): { [Key in Name]?: string } {
  return (at === null ? {} : { [name]: at.toISOString() }) as { [Key in Name]?: string }
}
