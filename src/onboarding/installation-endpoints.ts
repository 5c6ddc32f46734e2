/**
 * The two webhook endpoints of the installation in each mode (STR-41): one for its own account, one for all connected accounts. They are
 * made by themselves where a platform key is; the row comes first and its id is the idempotency key, so a crash leaves no second pair.
 * What surprises: an endpoint stands under an address, so an installation that moves makes new ones, and the old secrets work a day more.
 */
import { isPublicAddress } from '#connections'
import type { Mode } from '#kernel'
import { newId, type Database, type Logs, type SecretBox } from '#platform'
import { connectEndpointEvents, platformEndpointEvents, StripeFault, type StripeScope } from '#stripe'
import type { InstallationKind, InstallationSecret, OnboardingGround } from './onboarding.ts'
import {
  insertInstallationRow,
  keepEndpointSecret,
  listInstallationRows,
  secretNameOf,
  updateInstallationRow,
  type InstallationEndpointRow,
} from './store.ts'

const overlapMs = 24 * 3_600_000
const kinds = ['platform', 'connect'] as const

/** Nobody's: an installation's rows are bound to this place, and no operator has this id. */
const placeOf = (id: string) => ({
  operatorId: 'installation',
  field: 'installation_secrets.sealed',
  rowId: secretNameOf(id),
})

/** Makes what is missing. What Stripe refuses or does not answer is tried again in the next round; polling works meanwhile. */
export async function ensureInstallationEndpoints(ground: OnboardingGround & { readonly logs: Logs }): Promise<void> {
  const url = `${ground.publicUrl}/api/stripe/webhook`
  for (const mode of ['test', 'live'] as const) {
    if (!ground.stripe.hasPlatformKey(mode) || !isReachable(ground)) continue
    for (const kind of kinds)
      await ensureOne(ground, { mode, kind, url }).catch((error: unknown) => {
        if (!(error instanceof StripeFault)) throw error
        ground.logs.warn({ mode, kind, error: error.message }, 'an endpoint of this installation could not be made')
      })
  }
}

/** Stripe delivers to public https addresses alone; the sandbox delivers to wherever it is told. */
function isReachable({ stripe, publicUrl }: OnboardingGround): boolean {
  return new URL(stripe.apiBase).hostname !== 'api.stripe.com' || isPublicAddress(publicUrl)
}

type Wanted = { readonly mode: Mode; readonly kind: InstallationKind; readonly url: string }

async function ensureOne(ground: OnboardingGround, wanted: Wanted): Promise<void> {
  const { database } = ground
  const present = await findPresent(database, wanted)
  if (present?.url === wanted.url && present.sealed) return
  if (present && present.url !== wanted.url) {
    const notAfter = new Date(database.clock.now().getTime() + overlapMs)
    await updateInstallationRow(database, present.id, { not_after: notAfter })
  }
  await insertInstallationRow(database, { id: newId(database.clock), ...wanted })
  const row = await findPresent(database, wanted)
  if (row && !row.sealed) await makeAtStripe(ground, row)
}

async function findPresent(database: Database, { mode, kind }: Wanted): Promise<InstallationEndpointRow | undefined> {
  const all = await listInstallationRows(database)
  return all.find((row) => row.mode === mode && row.kind === kind && row.notAfter === null)
}

async function makeAtStripe({ stripe, box, database }: OnboardingGround, row: InstallationEndpointRow): Promise<void> {
  const { id, mode, kind, url } = row
  const scope: StripeScope = { credential: 'platform', mode, operatorId: '', connectionId: `installation:${mode}` }
  const { secret, ...endpoint } = await stripe.createEndpoint(scope, {
    url,
    events: kind === 'connect' ? connectEndpointEvents : platformEndpointEvents,
    forConnectedAccounts: kind === 'connect',
    metadata: { rentroll_endpoint: id },
    idempotencyKey: `endpoint:${id}`,
  })
  await keepEndpointSecret(database, id, box.seal(secret, placeOf(id)))
  await updateInstallationRow(database, id, {
    stripe_endpoint_id: endpoint.id,
    fingerprint: box.fingerprint(secret),
    last4: secret.reveal().slice(-4),
  })
}

/** The secrets that take part at the shared address, beside those of the environment (STR-43). */
export async function listInstallationSecrets(ground: {
  readonly database: Database
  readonly box: SecretBox
}): Promise<readonly InstallationSecret[]> {
  const found = await listInstallationRows(ground.database)
  return found.flatMap(({ id, mode, kind, sealed }) =>
    sealed ? [{ mode, kind, text: ground.box.open(sealed, placeOf(id)).reveal() }] : [],
  )
}

export type InstallationEndpointView = Pick<
  InstallationEndpointRow,
  'mode' | 'kind' | 'url' | 'fingerprint' | 'last4' | 'createdAt'
> & { readonly state: 'ready' | 'being_made' | 'ending' }

/** As Settings → Webhooks shows them (H10): no secret is in it. */
export async function listInstallationEndpoints(database: Database): Promise<readonly InstallationEndpointView[]> {
  return (await listInstallationRows(database)).map(
    ({ mode, kind, url, fingerprint, last4, createdAt, sealed, notAfter }) => ({
      mode,
      kind,
      url,
      fingerprint,
      last4,
      createdAt,
      state: notAfter ? 'ending' : readiness(sealed),
    }),
  )
}

function readiness(sealed: string | null): 'ready' | 'being_made' {
  return sealed ? 'ready' : 'being_made'
}
