/** The product of `kills`: server and worker as processes of their own on PostgreSQL, with one operator in live mode. */
import { randomBytes } from 'node:crypto'
import type { SandboxProcess } from '../bench/sandbox-process.ts'
import type { Cluster } from '../scripts/cluster.ts'
import { findFreePort } from '../scripts/free-port.ts'
import { createLogs, readConfiguration, secretBox, systemClock } from '../src/platform/index.ts'
import { openMigrated } from '../src/wiring.ts'
import { masterKey, seedEndpoint, seedOperator } from './back-fill-seed.ts'
import { startMortal } from './mortal-process.ts'
import { openAccount, type Account } from './sandbox-account.ts'

/** Server and worker apart, one operator in live mode, and an address of its own for webhooks. */
export async function startProduct(cluster: Cluster, { sandbox, folder }: { sandbox: SandboxProcess; folder: string }) {
  const stripe = await openAccount(sandbox)
  const address = await prepare(cluster, { stripe, folder })
  const environment = { ...environmentOf(cluster, folder), STRIPE_API_BASE: sandbox.url }
  const port = await findFreePort()
  const web = startMortal({
    name: 'the server',
    file: 'src/main.ts',
    environment: { ...environment, PORT: String(port), RENTROLL_WORK: 'off', LOG_LEVEL: 'warn' },
    folder,
    ready: 'Stop with',
  })
  const worker = startMortal({
    name: 'the worker',
    file: 'src/worker.ts',
    environment: { ...environment, LOG_LEVEL: 'info' },
    folder,
    ready: 'worker started',
  })
  const url = `http://127.0.0.1:${port}/api/stripe/webhook/${address.token}`
  return { web, worker, stripe, url, webhookSecret: address.webhookSecret }
}

function environmentOf(cluster: Cluster, folder: string) {
  return {
    DATABASE_URL: cluster.url,
    DATABASE_AUTH_URL: cluster.url.replace('rentroll_app', 'rentroll_auth'),
    RENTROLL_DATA_DIR: folder,
    RENTROLL_MASTER_KEY: masterKey,
    RENTROLL_SANDBOX: 'off',
  }
}

/** The tables, the operator and its address. */
async function prepare(cluster: Cluster, { stripe, folder }: { stripe: Account; folder: string }) {
  const configuration = readConfiguration({
    ...environmentOf(cluster, folder),
    DATABASE_OWNER_URL: cluster.ownerUrl,
  })
  if ('problems' in configuration) throw new Error(configuration.problems.join('\n'))
  const logs = createLogs('error', (line) => process.stderr.write(line))
  await (await openMigrated({ configuration, clock: systemClock, logs })).close()
  const box = secretBox(Buffer.from(masterKey, 'base64'))
  const address = {
    token: randomBytes(32).toString('base64url'),
    webhookSecret: `whsec_${randomBytes(24).toString('base64url')}`,
  }
  await seedOperator(cluster.ownerUrl, { box, secretKey: stripe.key })
  await seedEndpoint(cluster.ownerUrl, { box, ...address })
  return address
}
