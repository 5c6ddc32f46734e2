/**
 * Where the parts are joined (ARC-7): adapters chosen, books and first invoice supplied, jobs and reactions registered. Used by
 * `main.ts` and `worker.ts` and by the tests that need the whole product; nothing else decides what is connected to what.
 */
import { hasFinalisedInvoice, noBooks, voidUnpaid } from '#billing'
import { connectionGroundOf, findChargingConnection } from '#connections'
import { endpointHandlers, endpointJobs, recoverEndpoints } from '#endpoints'
import { adoptParkedEvents, dropOldBodies, type Reactions } from '#inbox'
import type { Scope } from '#kernel'
import { leaseHandlers, leaseJobs, recoverLeases } from '#leases'
import { notificationHandlers, notificationJobs } from '#notifications'
import { createPeople, listOperatorIds } from '#operators'
import { findOpenPayment, paymentHandlers, paymentJobs, recoverPayments, type MoneyGround } from '#payments'
import {
  Secret,
  StartRefusal,
  assertHarmlessRole,
  assertMigrated,
  createJobs,
  createMailer,
  inScope,
  loadMasterKey,
  makeRoles,
  migrate,
  migrateJobs,
  newId,
  openDatabase,
  readInstallationId,
  secretBox,
  type Clock,
  type Configuration,
  type Database,
  type JobDeclaration,
  type Logs,
  type ScopedHandle,
} from '#platform'
import {
  onFraudWarning,
  onStripeAccount,
  onStripeCustomer,
  onStripeInvoice,
  onStripeMandate,
  onStripeMethod,
  onStripePayment,
} from '#reactions'
import { followPaymentNews, planBackFill, recoveryHandlers, recoveryJobs } from '#recovery'
import { onStripeChargeRefunded, onStripeRefund, recoverRefunds, refundHandlers, refundJobs } from '#refunds'
import { onStripeSession, onStripeSetupIntent, renterHandlers, renterJobs } from '#renters'
import { createStripe } from '#stripe'
import { createDrain, createMetrics, type ApiContext } from '#web/api'
import { createReceiver, startInbox } from '#webhooks'

export const declaredJobs: readonly JobDeclaration[] = [
  ...endpointJobs,
  ...renterJobs,
  ...leaseJobs,
  ...paymentJobs,
  ...refundJobs,
  ...notificationJobs,
  ...recoveryJobs,
]

export type Ground = Awaited<ReturnType<typeof openGround>>

export type Work = Awaited<ReturnType<typeof startWork>>

export type GroundOptions = {
  readonly database: Database
  readonly configuration: Configuration
  readonly clock: Clock
  readonly logs: Logs
  readonly publicUrl: string
  /** Where the sandboxes answer, such as `http://127.0.0.1:3001`; undefined when they are off. */
  readonly sandboxUrl: string | undefined
}

/** Opens the box for secrets, the gateway to Stripe and the queue on a database that is ready. @throws StartRefusal */
export async function openGround(options: GroundOptions) {
  const { configuration, clock, logs, publicUrl, sandboxUrl, database } = options
  const box = secretBox(
    loadMasterKey({
      key: configuration.masterKey,
      file: configuration.masterKeyFile,
      madeIn: database.kind === 'pglite' ? configuration.dataFolder : undefined,
    }),
  )
  const installation = await readInstallationId(database.handle, newId(clock))
  const stripe = createStripe({
    apiBase: configuration.stripeApiBase ?? sandboxUrl ?? 'https://api.stripe.com',
    logs,
    clock,
    installation,
  })
  const mailer = createMailer({
    mailUrl: configuration.mailUrl,
    from: configuration.mailFrom,
    outbox: sandboxUrl && `${sandboxUrl}/_sandbox/mail`,
  })
  const jobs = createJobs({ database, databaseUrl: configuration.databaseUrl, logs, declarations: declaredJobs })
  await jobs.connect()
  const people = createPeople({ database, clock, logs, box, mailer, publicUrl })
  const bell = { ring: () => {} }
  for (const warning of configuration.warnings) logs.warn(warning)
  const receiver = createReceiver({
    database,
    box,
    logs,
    installation: { platform: configuration.stripeWebhookSecret, connect: configuration.stripeWebhookSecretConnect },
    onKept: () => bell.ring(),
  })
  return {
    configuration,
    database,
    clock,
    logs,
    box,
    stripe,
    mailer,
    jobs,
    people,
    publicUrl,
    sandboxUrl,
    receiver,
    bell,
  }
}

/**
 * The database, migrated or refused. On the embedded one this takes the lock of the data folder, so it comes before anything else
 * writes there. @throws StartRefusal
 */
export async function openMigrated(
  options: Pick<GroundOptions, 'configuration' | 'clock' | 'logs'>,
): Promise<Database> {
  const { configuration, clock, logs } = options
  const { databaseUrl: url, databaseOwnerUrl: ownerUrl, databaseAuthUrl: authUrl } = configuration
  const onError = (error: Error) => logs.warn({ error: error.message }, 'a database connection was lost')
  if (url === undefined) {
    const database = await openDatabase({ clock, folder: configuration.dataFolder, onError })
    await makeRoles(database.handle)
    await migrate(database.handle)
    return database
  }
  if (!authUrl) {
    throw new StartRefusal(
      'Set DATABASE_AUTH_URL to the role rentroll_auth: people and sessions are reached with it alone.',
    )
  }
  if (ownerUrl) {
    const owner = await openDatabase({ clock, url: ownerUrl, poolSize: 2, onError })
    await migrate(owner.handle)
    await migrateJobs(ownerUrl, owner.handle)
    await owner.close()
  }
  const database = await openDatabase({ clock, url, authUrl, poolSize: configuration.databasePoolSize, onError })
  await assertMigrated(database.handle)
  await assertHarmlessRole(database.handle)
  return database
}

/** Starts the queue's workers and the inbox, and plans whatever an earlier process left unfinished. */
export async function startWork(ground: Ground) {
  const { database, jobs, logs } = ground
  const reactions = reactionsOf(ground)
  const payments = paymentHandlers(ground)
  const onKept = () => ground.bell.ring()
  await jobs.work({
    ...endpointHandlers(connectionGroundOf(ground)),
    ...renterHandlers(ground),
    ...leaseHandlers({ database, voidUnpaid: (rows, leaseId) => voidUnpaid(rows, { leaseId, ...unpaidRules }) }),
    ...payments,
    'payments.follow': followPaymentNews({ database, onKept }, payments['payments.follow']),
    ...refundHandlers(ground),
    ...notificationHandlers(ground),
    ...recoveryHandlers({ ...ground, reactions, onKept }),
  })
  const inbox = startInbox({
    database,
    logs,
    reactions,
    isOnlyProcess: database.kind === 'pglite',
  })
  ground.bell.ring = () => inbox.wake()
  const rounds = startRounds(ground)
  return {
    inbox,
    recover: () => recover(ground),
    async stop() {
      await rounds.stop()
      await inbox.stop()
      await jobs.stop()
    },
  }
}

/** A round of recovery at once and a minute after each has ended; nobody is kept waiting by it. */
function startRounds(ground: Ground) {
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const round = async (isStart: boolean): Promise<void> => {
    await recover(ground, { isStart, signal: stopping.signal }).catch((error: unknown) =>
      ground.logs.error({ error: String(error) }, 'recovery failed, it will be tried again'),
    )
    if (!stopping.signal.aborted) timer = setTimeout(() => void (running = round(false)), 60_000)
  }
  let running = round(true)
  return {
    async stop() {
      stopping.abort()
      clearTimeout(timer)
      await running
    },
  }
}

/** What billing asks before it voids an invoice that nobody paid in time. */
const unpaidRules = {
  books: noBooks('not_connected'),
  countInFlight: async (rows: ScopedHandle, invoiceId: string) => ((await findOpenPayment(rows, invoiceId)) ? 1 : 0),
}

/** What news about each kind of object do. */
export function reactionsOf(ground: MoneyGround): Reactions {
  return {
    payment_intent: onStripePayment(ground),
    setup_intent: onStripeSetupIntent(ground),
    refund: onStripeRefund(ground),
    charge: onStripeChargeRefunded(ground),
    checkout_session: onStripeSession(ground),
    payment_method: onStripeMethod(ground),
    customer: onStripeCustomer(ground),
    mandate: onStripeMandate(ground),
    fraud_warning: onFraudWarning(ground),
    stripe_invoice: onStripeInvoice(ground),
    account: onStripeAccount(ground),
  } as Reactions
}

/** Every operator in both modes; each step finds its own place, so this may run at any time (STR-71). */
async function recover(
  { database, bell, logs }: Ground,
  { isStart = false, signal }: { isStart?: boolean; signal?: AbortSignal } = {},
): Promise<void> {
  if ((await adoptParkedEvents(database)) > 0) bell.ring()
  await dropOldBodies(database)
  for (const operatorId of await listOperatorIds(database)) {
    if (signal?.aborted) return
    for (const mode of ['test', 'live'] as const) {
      // One transaction for all: with thousands of operators its opening costs more than what it finds.
      const looked = inScope(database, { operatorId, mode }, async (rows) => {
        await recoverEndpoints(rows)
        await recoverLeases(rows)
        const pending = (await recoverPayments(rows)) + (await recoverRefunds(rows))
        await planBackFill(rows, { isStart, hasPending: pending > 0 })
      })
      await looked.catch((error: unknown) =>
        logs.error({ operatorId, mode, error: String(error) }, 'recovery failed, it will be tried again'),
      )
    }
  }
}

/** The mode of an address that names none: test until a live connection takes payments (UI-3). */
async function findDefaultMode(database: Database, operatorId: string): Promise<Scope['mode']> {
  return (await inScope(database, { operatorId, mode: 'live' }, findChargingConnection)) ? 'live' : 'test'
}

/** Everything the HTTP side is given. @param distFolder where the built screens are, with a slash at its end. */
export function apiContext(ground: Ground, distFolder: URL): ApiContext {
  const { database, sandboxUrl, configuration } = ground
  const { stripeWebhookSecret: platform, stripeWebhookSecretConnect: connect } = configuration
  return {
    ...ground,
    installationSecrets: {
      ...(platform !== undefined && { platform: new Secret(platform) }),
      ...(connect !== undefined && { connect: new Secret(connect) }),
    },
    wakeInbox: () => ground.bell.ring(),
    drain: createDrain(),
    metrics: createMetrics(),
    isSandboxOn: sandboxUrl !== undefined,
    sandboxOrigin: sandboxUrl,
    hasFinalisedInvoice: (operatorId) => isCurrencyFixed(database, operatorId),
    findDefaultMode: (operatorId) => findDefaultMode(database, operatorId),
    distFolder,
  }
}

/** Whether the operator has a finalised invoice in either mode; then its currency is fixed. */
async function isCurrencyFixed(database: Database, operatorId: string): Promise<boolean> {
  const asks = (mode: Scope['mode']) => inScope(database, { operatorId, mode }, hasFinalisedInvoice)
  return (await asks('test')) || (await asks('live'))
}
