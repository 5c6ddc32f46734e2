/** The installation as its page shows it, member by member: no key, no signing secret and no operator's business can be in it (UI-112). */
import { publicId } from '#kernel'
import type { listOwnerlessLetters } from '#inbox'
import {
  installationKinds,
  judgeInstallation,
  listInstallationEndpoints,
  listOpenInstallationTroubles,
  troubleTitles,
  type InstallationEndpointView,
  type Standing,
} from '#installation'
import { withoutScope } from '#platform'
import { connectEndpointEvents, platformEndpointEvents } from '#stripe'
import { z } from '@hono/zod-openapi'
import type { ApiContext } from './context.ts'
import { instants } from './webhook-endpoints.ts'

const endpointAnswer = z.strictObject({
  id: z.string(),
  kind: z.enum(installationKinds),
  name: z.string(),
  url: z.string(),
  state: z.enum(['ready', 'being_made', 'ending']),
  /** As the last look at Stripe found it. */
  atStripe: z.enum(['enabled', 'disabled', 'absent', 'unknown']),
  checkedAt: z.string().optional(),
  eventsTotal: z.number().int(),
  missingEvents: z.array(z.string()),
  lastVerifiedAt: z.string().optional(),
  problem: z.string(),
  secret: z.strictObject({
    fingerprint: z.string(),
    mask: z.string(),
    validFrom: z.string(),
    /** Only of one whose place another has taken. */
    validUntil: z.string().optional(),
  }),
})

const outsideSecret = z.strictObject({
  name: z.string(),
  environmentName: z.string(),
  fingerprint: z.string(),
  mask: z.string(),
})

export const installationAnswer = z.strictObject({
  now: z.string(),
  version: z.string(),
  address: z.string(),
  modes: z.array(
    z.strictObject({
      mode: z.enum(['test', 'live']),
      /** Keys come from the environment; of one only its kind and its end are shown. */
      key: z.strictObject({
        isSet: z.boolean(),
        isOfSandbox: z.boolean(),
        environmentName: z.string(),
        mask: z.string().optional(),
      }),
      isReachable: z.boolean(),
      endpointsUsed: z.number().int().optional(),
      endpointsAllowed: z.number().int(),
      askedAt: z.string().optional(),
      lastVerifiedAt: z.string().optional(),
      /** At the shared address, in either mode. */
      lastRefusedAt: z.string().optional(),
      endpoints: z.array(endpointAnswer),
      outsideSecrets: z.array(outsideSecret),
      checks: z.array(
        z.strictObject({
          code: z.string(),
          title: z.string(),
          state: z.enum(['ok', 'found', 'cannot_tell']),
          text: z.string(),
          since: z.string().optional(),
          toldAt: z.string().optional(),
        }),
      ),
    }),
  ),
  operators: z.array(z.strictObject({ name: z.string(), slug: z.string(), since: z.string() })),
  work: z.strictObject({
    isBusy: z.boolean(),
    /** The oldest of each kind of work; less than nothing for what is planned for later. */
    waiting: z.array(z.strictObject({ name: z.string(), lateSeconds: z.number().int() })),
  }),
  deadLetters: z.strictObject({
    count: z.number().int(),
    rows: z.array(
      z.strictObject({
        id: z.string(),
        mode: z.enum(['test', 'live']),
        eventId: z.string(),
        type: z.string(),
        account: z.string(),
        reason: z.string(),
        deliveries: z.number().int(),
        receivedAt: z.string(),
      }),
    ),
  }),
  health: z.strictObject({ isReady: z.boolean(), checks: z.record(z.string(), z.enum(['ok', 'failed'])) }),
})

export type InstallationAnswer = z.infer<typeof installationAnswer>
type ModeAnswer = InstallationAnswer['modes'][number]

const endpointsAllowed = 16
const names = { platform: 'Platform', connect: 'Connected accounts' } as const

export async function modeView(context: ApiContext, standing: Standing): Promise<ModeAnswer> {
  const { mode, hasKey, isReachable, watch } = standing
  const { database, installation } = context
  const mask = installation.keyMasks[mode]
  const endpoints = (await listInstallationEndpoints(database)).filter((endpoint) => endpoint.mode === mode)
  return {
    mode,
    key: {
      isSet: hasKey,
      isOfSandbox: hasKey && installation.isKeyOfSandbox(mode),
      environmentName: `STRIPE_SECRET_KEY_${mode.toUpperCase()}`,
      ...(mask && { mask }),
    },
    isReachable,
    ...(watch.endpointCount !== null && { endpointsUsed: watch.endpointCount }),
    endpointsAllowed,
    ...instants({ askedAt: watch.askedAt, lastVerifiedAt: watch.verifiedAt, lastRefusedAt: watch.refusedAt }),
    endpoints: endpoints.map(endpointView),
    outsideSecrets: outsideSecretsOf(context),
    checks: await checksOf(context, standing),
  }
}

function endpointView(endpoint: InstallationEndpointView): ModeAnswer['endpoints'][number] {
  const { id, kind, url, state, seen, problem, fingerprint, last4, createdAt, notAfter, lastVerifiedAt } = endpoint
  return {
    id: publicId('endpoint', id),
    kind,
    name: names[kind],
    url,
    state,
    atStripe: atStripe(seen),
    ...(seen && { checkedAt: seen.checkedAt }),
    eventsTotal: (kind === 'connect' ? connectEndpointEvents : platformEndpointEvents).length,
    missingEvents: [...(seen?.missing ?? [])],
    ...instants({ lastVerifiedAt }),
    problem,
    secret: {
      fingerprint,
      mask: last4 === '' ? '' : `whsec_••••${last4}`,
      validFrom: createdAt.toISOString(),
      ...instants({ validUntil: notAfter }),
    },
  }
}

function atStripe(seen: InstallationEndpointView['seen']): ModeAnswer['endpoints'][number]['atStripe'] {
  if (!seen) return 'unknown'
  if (!seen.isFound) return 'absent'
  return seen.isEnabled ? 'enabled' : 'disabled'
}

/** Signing secrets of the environment take part in both modes and have no end (STR-43). */
function outsideSecretsOf({ box, installationSecrets = {} }: ApiContext): ModeAnswer['outsideSecrets'] {
  const places = [
    ['platform', 'STRIPE_WEBHOOK_SECRET'],
    ['connect', 'STRIPE_WEBHOOK_SECRET_CONNECT'],
  ] as const
  return places.flatMap(([kind, environmentName]) => {
    const secret = installationSecrets[kind]
    if (!secret) return []
    const shown = { fingerprint: box.fingerprint(secret), mask: `whsec_••••${secret.reveal().slice(-4)}` }
    return [{ name: names[kind], environmentName, ...shown }]
  })
}

const fine = {
  platform_key: 'Stripe accepted the key when it was last asked.',
  connect_secret: 'Nothing points to a secret that is missing or wrong.',
  endpoints: 'At the last look both endpoints were there, switched on, with all of their events.',
} as const

async function checksOf({ database }: ApiContext, standing: Standing): Promise<ModeAnswer['checks']> {
  const { mode, hasKey, watch } = standing
  const open = await withoutScope(database, (rows) => listOpenInstallationTroubles(rows, mode))
  const findings = judgeInstallation(standing)
  return (['platform_key', 'connect_secret', 'endpoints'] as const).map((code) => {
    const title = troubleTitles[code]
    if (!hasKey) return { code, title, state: 'cannot_tell', text: 'There is no key for this mode.' }
    const finding = findings.find((one) => one.code === code)
    if (finding) {
      const trouble = open.find((one) => one.code === code && one.cause === finding.cause)
      const told = instants({ since: trouble?.openedAt, toldAt: trouble?.toldAt })
      return { code, title, state: 'found', text: finding.text, ...told }
    }
    if (!watch.askedAt)
      return { code, title, state: 'cannot_tell', text: 'Stripe has not been asked yet. Press Check now.' }
    return { code, title, state: 'ok', text: fine[code] }
  })
}

type Letters = Awaited<ReturnType<typeof listOwnerlessLetters>>['letters']

export function letterView(letter: Letters[number]): InstallationAnswer['deadLetters']['rows'][number] {
  const { id, mode, eventId, type, sourceAccount, reason, deliveries, receivedAt } = letter
  const account = sourceAccount.startsWith('acct_') ? sourceAccount : ''
  const plain = { mode, eventId, type, account, reason, deliveries }
  return { ...plain, id: publicId('inboxEvent', id), receivedAt: receivedAt.toISOString() }
}
