/**
 * The two webhook endpoints of the installation in each mode (STR-41): one for its own account, one for all connected accounts. They are
 * made by themselves where a platform key is; the row comes first and its id is the idempotency key, so a crash leaves no second pair.
 * What surprises: an endpoint stands under an address, so an installation that moves makes new ones, and the old secrets work a day more.
 */
import type { Mode } from '#kernel'
import { newId, type Database, type SecretBox } from '#platform'
import { connectEndpointEvents, platformEndpointEvents, StripeFault, type EndpointId } from '#stripe'
import {
  installationKinds,
  installationScope,
  isReachable,
  modes,
  sharedAddress,
  type InstallationEndpointRow,
  type InstallationGround,
  type InstallationKind,
} from './installation.ts'
import {
  insertInstallationRow,
  keepEndpointSecret,
  listInstallationRows,
  secretNameOf,
  updateInstallationRow,
} from './store.ts'

export const overlapMs = 24 * 3_600_000

/** Nobody's: an installation's rows are bound to this place, and no operator has this id. */
const placeOf = (id: string) => ({
  operatorId: 'installation',
  field: 'installation_secrets.sealed',
  rowId: secretNameOf(id),
})

/** Makes what is missing. What Stripe refuses or does not answer is tried again in the next round; polling works meanwhile. */
export async function ensureInstallationEndpoints(ground: InstallationGround): Promise<void> {
  for (const mode of modes)
    if (ground.stripe.hasPlatformKey(mode) && isReachable(ground)) await ensureMode(ground, mode)
}

/** The same in one mode, without asking whether Stripe could deliver there. */
export async function ensureMode(ground: InstallationGround, mode: Mode): Promise<void> {
  const url = sharedAddress(ground.publicUrl)
  for (const kind of installationKinds)
    await ensureOne(ground, { mode, kind, url }).catch(async (error: unknown) => {
      if (!(error instanceof StripeFault)) throw error
      ground.logs.warn({ mode, kind, error: error.message }, 'an endpoint of this installation could not be made')
      const row = await findPresent(ground.database, { mode, kind })
      if (row) await updateInstallationRow(ground.database, row.id, { problem: problemOf(error) })
    })
}

function problemOf({ kind, message }: StripeFault): string {
  if (kind === 'auth') return 'Stripe does not accept the key of this installation.'
  if (kind === 'permission') return 'The key of this installation may not make webhook endpoints.'
  if (kind === 'invalid' && /16|limit|maximum/i.test(message))
    return 'The Stripe account of this installation has all of its 16 webhook endpoints.'
  return kind === 'invalid' ? 'Stripe refused to make it.' : 'Stripe did not answer. It is tried again every minute.'
}

type Wanted = { readonly mode: Mode; readonly kind: InstallationKind; readonly url: string }

async function ensureOne(ground: InstallationGround, wanted: Wanted): Promise<void> {
  const { database } = ground
  const present = await findPresent(database, wanted)
  if (present?.url === wanted.url && present.sealed) return
  if (present && present.url !== wanted.url) {
    const notAfter = new Date(database.clock.now().getTime() + overlapMs)
    await updateInstallationRow(database, present.id, { not_after: notAfter })
  }
  await insertInstallationRow(database, { id: newId(database.clock), ...wanted })
  const row = await findPresent(database, wanted)
  if (row && !row.sealed) await makeAtStripe(ground, row, eventsOf(row.kind))
}

/** What an endpoint of this kind is to listen to. */
export function eventsOf(kind: InstallationKind): readonly string[] {
  return kind === 'connect' ? connectEndpointEvents : platformEndpointEvents
}

export async function findPresent(
  database: Database,
  { mode, kind }: Pick<Wanted, 'mode' | 'kind'>,
): Promise<InstallationEndpointRow | undefined> {
  const all = await listInstallationRows(database)
  return all.find((row) => row.mode === mode && row.kind === kind && row.notAfter === null)
}

/** Stripe tells the secret once; it is sealed at once. Asked again with the same row it answers the same. @throws StripeFault */
export async function makeAtStripe(
  { stripe, box, database }: InstallationGround,
  row: InstallationEndpointRow,
  events: readonly string[],
): Promise<EndpointId> {
  const { id, mode, kind, url } = row
  const { secret, ...endpoint } = await stripe.createEndpoint(installationScope(mode), {
    url,
    events,
    forConnectedAccounts: kind === 'connect',
    metadata: { rentroll_endpoint: id },
    idempotencyKey: `endpoint:${id}`,
  })
  await keepEndpointSecret(database, id, box.seal(secret, placeOf(id)))
  await updateInstallationRow(database, id, {
    stripe_endpoint_id: endpoint.id,
    fingerprint: box.fingerprint(secret),
    last4: secret.reveal().slice(-4),
    problem: '',
  })
  return endpoint.id
}

export type InstallationSecret = Pick<InstallationEndpointRow, 'id' | 'mode' | 'kind' | 'notAfter'> & {
  readonly text: string
}

/** The secrets that take part at the shared address, beside those of the environment (STR-43). */
export async function listInstallationSecrets(ground: {
  readonly database: Database
  readonly box: SecretBox
}): Promise<readonly InstallationSecret[]> {
  const found = await listInstallationRows(ground.database)
  return found.flatMap(({ id, mode, kind, notAfter, sealed }) =>
    sealed ? [{ id, mode, kind, notAfter, text: ground.box.open(sealed, placeOf(id)).reveal() }] : [],
  )
}

export type InstallationEndpointView = Pick<
  InstallationEndpointRow,
  | 'id'
  | 'mode'
  | 'kind'
  | 'url'
  | 'fingerprint'
  | 'last4'
  | 'createdAt'
  | 'notAfter'
  | 'lastVerifiedAt'
  | 'seen'
  | 'problem'
> & { readonly state: 'ready' | 'being_made' | 'ending' }

/** As Settings → Webhooks (H10) and the page of the installation show them: no secret is in it. */
export async function listInstallationEndpoints(database: Database): Promise<readonly InstallationEndpointView[]> {
  return (await listInstallationRows(database)).map(({ sealed, stripeEndpointId: _id, ...row }) => ({
    ...row,
    state: row.notAfter ? 'ending' : readiness(sealed),
  }))
}

function readiness(sealed: string | null): 'ready' | 'being_made' {
  return sealed ? 'ready' : 'being_made'
}
