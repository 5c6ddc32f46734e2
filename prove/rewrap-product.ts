/**
 * The product of `rewrap`: many operators with a key, a probe and a signing secret each, all under the older master key; one of them
 * somebody is signed in to and connected to Stripe. Servers are started under whichever keys are asked for.
 */
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { startServer, type ServerProcess } from '../bench/processes.ts'
import { findFreePort } from '../scripts/free-port.ts'
import type { SandboxProcess } from '../bench/sandbox-process.ts'
import type { Cluster } from '../scripts/cluster.ts'
import { makeDemoOperator, signInToDemo } from '../src/operators/index.ts'
import {
  createLogs,
  newId,
  newToken,
  readConfiguration,
  Secret,
  systemClock,
  tokenHash,
  type SecretBox,
} from '../src/platform/index.ts'
import { openGround, openMigrated } from '../src/wiring.ts'

/** Which master key seals, and which others open. */
export type Keys = { readonly first: string; readonly accepted?: string }

export type World = { readonly cluster: Cluster; readonly sandbox: SandboxProcess; readonly folder: string }

/** An operator's own webhook address. */
export type Address = { readonly token: string; readonly webhookSecret: string }

export const makeKey = (): string => randomBytes(32).toString('base64')

export function environmentOf({ cluster, sandbox, folder }: World, { first, accepted }: Keys): Record<string, string> {
  return {
    DATABASE_URL: cluster.url,
    DATABASE_AUTH_URL: cluster.url.replace('rentroll_app', 'rentroll_auth'),
    RENTROLL_DATA_DIR: folder,
    RENTROLL_SANDBOX: 'off',
    RENTROLL_WORK: 'off',
    LOG_LEVEL: 'warn',
    STRIPE_API_BASE: sandbox.url,
    RENTROLL_MASTER_KEY: first,
    ...(accepted !== undefined && { RENTROLL_MASTER_KEYS_ACCEPTED: accepted }),
  }
}

/** The tables, the operators and one person's session. @returns their addresses, and what that person's browser sends. */
export async function prepare(world: World, { keys, operators }: { keys: Keys; operators: number }) {
  const configuration = readConfiguration({
    ...environmentOf(world, keys),
    DATABASE_OWNER_URL: world.cluster.ownerUrl,
  })
  if ('problems' in configuration) throw new Error(configuration.problems.join('\n'))
  const logs = createLogs('error', (line) => void process.stderr.write(line))
  const clock = systemClock
  const database = await openMigrated({ configuration, clock, logs })
  const publicUrl = 'http://127.0.0.1:1'
  const ground = await openGround({ database, configuration, clock, logs, publicUrl, sandboxUrl: undefined })
  try {
    await makeDemoOperator(ground.people)
    const signedIn = await signInToDemo(ground.people)
    if (!signedIn) throw new Error('there is no demo operator')
    const cookie = signedIn.cookies.map((line) => line.split(';')[0]).join('; ')
    const addresses = await seed(world.cluster, { box: ground.box, operators })
    return { addresses, cookie, slug: signedIn.slug }
  } finally {
    await ground.jobs.stop()
    await database.close()
  }
}

/** As the product writes them, in one go. */
async function seed(
  { ownerUrl }: Cluster,
  { box, operators }: { readonly box: SecretBox; readonly operators: number },
): Promise<readonly Address[]> {
  const made = Array.from({ length: operators }, (_, index) => {
    const [operatorId, connectionId, secretId] = [newId(systemClock), newId(systemClock), newId(systemClock)]
    const address = { token: newToken(), webhookSecret: `whsec_${randomBytes(24).toString('base64url')}` }
    const seal = (text: string, field: string, rowId: string) =>
      box.seal(new Secret(text), { operatorId, field, rowId })
    const row = {
      index,
      operator_id: operatorId,
      connection_id: connectionId,
      secret_id: secretId,
      token: address.token,
      token_hash: tokenHash(address.token),
      key: seal(`sk_test_prove${index}`, 'connections.secret_key', connectionId),
      probe: seal(`seti_${index}|secret`, 'connections.probe', connectionId),
      secret: seal(address.webhookSecret, 'endpoint_secrets.sealed', secretId),
    }
    return { address, row }
  })
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    await client.query('begin')
    await client.query(
      'create temp table made as select * from jsonb_to_recordset($1::jsonb) as made (index int, operator_id uuid, connection_id uuid, secret_id uuid, token text, token_hash text, key text, probe text, secret text)',
      [JSON.stringify(made.map(({ row }) => row))],
    )
    for (const statement of statements) await client.query(statement)
    await client.query('commit')
    await client.query('analyze')
  } finally {
    await client.end()
  }
  return made.map(({ address }) => address)
}

const statements = [
  `insert into app.operators (id, slug, name, created_at) select operator_id, 'prove-' || index, 'Prove Desks ' || index, now() from made`,
  // The owner is bound by row security as well, and these rows are of many operators.
  ...['connections', 'endpoint_secrets'].map((table) => `alter table app.${table} no force row level security`),
  `insert into app.connections (operator_id, mode, id, kind, state, is_charging, secret_key_sealed, probe_sealed, secret_key_kind,
     endpoint_token, created_at, updated_at)
   select operator_id, 'test', connection_id, 'own_keys', 'connected', true, key, probe, 'secret', token, now(), now() from made`,
  `insert into app.endpoint_secrets (operator_id, mode, id, connection_id, sealed, fingerprint, last4, source, not_before, created_by)
   select operator_id, 'test', secret_id, connection_id, secret, '', '', 'pasted', now(), 'prove' from made`,
  `insert into app.routing_keys (kind, mode, key_hash, operator_id, target_id, created_at)
   select 'endpoint_token', 'test', token_hash, operator_id, connection_id, now() from made`,
  ...['connections', 'endpoint_secrets'].map((table) => `alter table app.${table} force row level security`),
]

export type Server = ServerProcess & { readonly origin: string }

/** @throws with its last words when it does not start. */
export async function serve(world: World, keys: Keys): Promise<Server> {
  const port = await findFreePort()
  const server = await startServer({
    args: [`${import.meta.dirname}/../src/main.ts`],
    environment: { ...environmentOf(world, keys), PORT: String(port) },
    folder: world.folder,
    readyAt: { port, path: '/readyz' },
  })
  return { ...server, origin: `http://127.0.0.1:${port}` }
}

/** How many stored values stand under each master key, asked by the owner, past the product. */
export async function countByKey({ ownerUrl }: Cluster): Promise<ReadonlyMap<string, number>> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  try {
    const { rows } = await client.query<{ key: string; count: string }>(
      `select split_part(sealed, '|', 2) as key, count(*) from (
         select secret_key_sealed as sealed from app.connections union all select probe_sealed from app.connections
         union all select sealed from app.endpoint_secrets union all select sealed from app.installation_secrets
       ) stored where sealed is not null group by 1`,
    )
    return new Map(rows.map(({ key, count }) => [key, Number(count)]))
  } finally {
    await client.end()
  }
}
