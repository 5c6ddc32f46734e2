/**
 * How the installation stands in one mode, and what is wrong with it (STR-106). The judging is pure. What surprises: a refused delivery
 * alone proves nothing, because anybody may send rubbish to a public address; only together with news at Stripe that no delivery brought
 * does it say that a secret is wrong.
 */
import type { Mode } from '#kernel'
import { withoutScope } from '#platform'
import {
  isReachable,
  type InstallationEndpointRow,
  type InstallationGround,
  type InstallationKind,
  type InstallationWatch,
} from './installation.ts'
import { listInstallationRows, readWatch, type InstallationTroubleCode } from './store.ts'

export type Standing = {
  readonly now: Date
  readonly mode: Mode
  readonly hasKey: boolean
  readonly isReachable: boolean
  /** A signing secret for connected accounts comes from the environment. */
  readonly hasOutsideSecret: boolean
  readonly rows: readonly InstallationEndpointRow[]
  readonly watch: InstallationWatch
}

export type WatchGround = InstallationGround & {
  /** `STRIPE_WEBHOOK_SECRET_CONNECT` is set. */
  readonly hasOutsideSecret: boolean
}

export async function readStanding(ground: WatchGround, mode: Mode): Promise<Standing> {
  const { database, stripe, hasOutsideSecret } = ground
  return {
    now: database.clock.now(),
    mode,
    hasKey: stripe.hasPlatformKey(mode),
    isReachable: isReachable(ground),
    hasOutsideSecret,
    rows: (await listInstallationRows(database)).filter((row) => row.mode === mode),
    watch: await withoutScope(database, (rows) => readWatch(rows, mode)),
  }
}

export type InstallationFinding = {
  readonly code: InstallationTroubleCode
  readonly cause: string
  /** For whoever runs the installation. */
  readonly text: string
}

const makingMs = 60_000

/** What is wrong, at most one cause for each code. Without a key there is nothing to be wrong. */
export function judgeInstallation(standing: Standing): readonly InstallationFinding[] {
  if (!standing.hasKey) return []
  return [judgeKey(standing), judgeSecret(standing), judgeEndpoints(standing)].filter((finding) => !!finding)
}

function judgeKey({ watch, mode }: Standing): InstallationFinding | undefined {
  if (watch.keyProblem === '') return undefined
  const text = `${watch.keyProblem} Set STRIPE_SECRET_KEY_${mode.toUpperCase()} to a valid key and start again.`
  return { code: 'platform_key', cause: 'refused', text }
}

export function presentOf(rows: readonly InstallationEndpointRow[], kind: InstallationKind) {
  return rows.find((row) => row.kind === kind && row.notAfter === null)
}

function judgeSecret(standing: Standing): InstallationFinding | undefined {
  const { rows, watch, hasOutsideSecret, now } = standing
  const code = 'connect_secret'
  const present = presentOf(rows, 'connect')
  if (!present?.sealed && !hasOutsideSecret) {
    if (!standing.isReachable)
      return {
        code,
        cause: 'never_made',
        text: 'No endpoint could be made for connected accounts: Stripe delivers to public https addresses alone. Set PUBLIC_URL to one.',
      }
    if (!present || (present.problem === '' && now.getTime() - present.createdAt.getTime() < makingMs)) return undefined
    if (present.stripeEndpointId)
      return {
        code,
        cause: 'blank',
        text: 'The endpoint for connected accounts stands at Stripe, and its signing secret is not stored here, so nothing it delivers can be verified.',
      }
    return {
      code,
      cause: 'never_made',
      text: `The endpoint for connected accounts could not be made. ${present.problem}`,
    }
  }
  if (!isUnseen(watch)) return undefined
  return {
    code,
    cause: 'rotated',
    text: `Stripe has news of the account ${watch.unseenAccount} that no delivery brought, and deliveries are refused: the signing secret stored here is not the one of the endpoint. It was rolled elsewhere.`,
  }
}

/** Until a delivery for connected accounts is verified again. */
export function isUnseen({ unseenSince, verifiedAt }: InstallationWatch): boolean {
  return unseenSince !== null && (verifiedAt === null || verifiedAt <= unseenSince)
}

const names: Readonly<Record<InstallationKind, string>> = { platform: 'platform', connect: 'connected accounts' }

function judgeEndpoints({ rows }: Standing): InstallationFinding | undefined {
  for (const kind of ['connect', 'platform'] as const) {
    const row = presentOf(rows, kind)
    const look = row?.seen
    if (!row?.sealed || !look) continue
    const about = `The endpoint for ${names[kind]}`
    const found = (cause: string, text: string) => ({ code: 'endpoints', cause: `${kind}_${cause}`, text }) as const
    if (!look.isFound) return found('deleted', `${about} was deleted at Stripe, so nothing is delivered.`)
    if (!look.isEnabled) return found('disabled', `${about} is switched off at Stripe, so nothing is delivered.`)
    if (look.missing.length > 0)
      return found('events_missing', `${about} does not get these events any more: ${look.missing.join(', ')}.`)
  }
  return undefined
}
