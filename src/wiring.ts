/**
 * Where the parts are joined (ARC-7): adapters chosen, books and first invoice supplied, jobs and reactions registered. Used by
 * `main.ts` and `worker.ts` and by the tests that need the whole product; nothing else decides what is connected to what.
 */
import { hasFinalisedInvoice, noBooks, voidUnpaid } from '#billing'
import { connectionGroundOf } from '#connections'
import { diagnosisHandlers, diagnosisJobs, watchAll } from '#diagnosis'
import { drainingHandlers, drainingJobs, recoverDrainings } from '#draining'
import { endpointHandlers, endpointJobs, recoverEndpoints } from '#endpoints'
import { adoptParkedEvents, dropOldBodies, type Reactions } from '#inbox'
import type { Scope } from '#kernel'
import { openSecretBox } from '#keys'
import { leaseHandlers, leaseJobs, recoverLeases } from '#leases'
import { notificationHandlers, notificationJobs } from '#notifications'
import { ensureInstallationEndpoints, watchInstallation } from '#installation'
import { accountReactions, accountTellers, onboardingHandlers, onboardingJobs, recoverOnboarding } from '#onboarding'
import { createPeople, listOperatorIds } from '#operators'
import { findOpenPayment, paymentHandlers, paymentJobs, recoverPayments, type MoneyGround } from '#payments'
import { alsoLookAtBanks, onStripePayout, payoutHandlers, payoutJobs, payoutTellers, recoverPayouts } from '#payouts'
import {
  Secret,
  StartRefusal,
  assertHarmlessRole,
  assertMigrated,
  createJobs,
  createMailer,
  inScope,
  makeRoles,
  migrate,
  migrateJobs,
  newId,
  openDatabase,
  openKeyProvider,
  readInstallationId,
  type Clock,
  type Configuration,
  type Database,
  type JobDeclaration,
  type KeySource,
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
import { recoverRefunds, refundHandlers, refundJobs, refundReactions } from '#refunds'
import { onStripeSession, onStripeSetupIntent, renterHandlers, renterJobs } from '#renters'
import { createStripe, type PlatformKeys } from '#stripe'
import { createDrain, createMetrics, createRegistry, type ApiContext } from '#web/api'
import { createReceiver, startInbox } from '#webhooks'
import { installationGroundOf } from './installation-ground.ts'
import { findDefaultMode } from './default-mode.ts'
import { startAnchoring, startRounds } from './rounds.ts'

export const declaredJobs: readonly JobDeclaration[] = [
  ...endpointJobs,
  ...onboardingJobs,
  ...renterJobs,
  ...leaseJobs,
  ...paymentJobs,
  ...refundJobs,
  ...drainingJobs,
  ...payoutJobs,
  ...notificationJobs,
  ...recoveryJobs,
  ...diagnosisJobs,
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
  /** Of the installation's own account; without them nobody can connect one. */
  readonly platformKeys?: PlatformKeys
}

/** Opens the box for secrets, the gateway to Stripe and the queue on a database that is ready. @throws StartRefusal */
export async function openGround(options: GroundOptions) {
  const { platformKeys = {}, ...parts } = options
  const { configuration, clock, logs, publicUrl, sandboxUrl, database } = parts
  const box = await openSecretBox(database, openKeyProvider(keySourceOf(configuration)))
  const installation = await readInstallationId(database.handle, newId(clock))
  const stripe = createStripe({
    apiBase: configuration.stripeApiBase ?? sandboxUrl ?? 'https://api.stripe.com',
    logs,
    clock,
    installation,
    platformKeys,
  })
  const { mailUrl, mailFrom: from } = configuration
  const mailer = createMailer({ mailUrl, from, outbox: sandboxUrl && `${sandboxUrl}/_sandbox/mail` })
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
  const ofPlatform = { platformKeys, platformFee: configuration.platformFee }
  return { ...parts, ...ofPlatform, box, stripe, mailer, jobs, people, receiver, bell }
}

/** Where this installation keeps its master keys. */
export function keySourceOf(configuration: Configuration): KeySource {
  return {
    key: configuration.masterKey,
    accepted: configuration.masterKeysAccepted,
    file: configuration.masterKeyFile,
    madeIn: configuration.databaseUrl === undefined ? configuration.dataFolder : undefined,
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
    ...onboardingHandlers(ground),
    ...renterHandlers(ground),
    ...leaseHandlers({ database, voidUnpaid: (rows, leaseId) => voidUnpaid(rows, { leaseId, ...unpaidRules }) }),
    ...payments,
    'payments.follow': followPaymentNews({ database, onKept }, payments['payments.follow']),
    ...refundHandlers(ground),
    ...drainingHandlers({ ...ground, ...connectionGroundOf(ground) }),
    ...payoutHandlers(ground),
    ...notificationHandlers({ ...ground, account: accountTellers(ground.publicUrl), payouts: payoutTellers }),
    ...recoveryHandlers({ ...ground, reactions, onKept }),
    ...diagnosisHandlers(connectionGroundOf(ground)),
  })
  const inbox = startInbox({
    database,
    logs,
    reactions,
    isOnlyProcess: database.kind === 'pglite',
  })
  ground.bell.ring = () => inbox.wake()
  const rounds = startRounds(logs, { name: 'recovery', pauseMs: 60_000, run: (about) => recover(ground, about) })
  const watchEverything = async (signal?: AbortSignal) => {
    await watchInstallation(installationGroundOf(ground), signal)
    await watchAll(ground, signal)
  }
  const watch = startRounds(logs, {
    name: 'diagnosis',
    pauseMs: 25_000,
    run: ({ signal }) => watchEverything(signal),
  })
  const anchors = startAnchoring(ground)
  return {
    inbox,
    recover: async () => {
      await recover(ground)
      await watchEverything()
    },
    async stop() {
      await Promise.all([rounds.stop(), watch.stop(), anchors.stop()])
      await inbox.stop()
      await jobs.stop()
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
  const accounts = accountReactions(ground, onStripeAccount(ground))
  return {
    payment_intent: onStripePayment(ground),
    setup_intent: onStripeSetupIntent(ground),
    ...refundReactions(ground),
    checkout_session: onStripeSession(ground),
    payment_method: onStripeMethod(ground),
    customer: onStripeCustomer(ground),
    mandate: onStripeMandate(ground),
    fraud_warning: onFraudWarning(ground),
    stripe_invoice: onStripeInvoice(ground),
    payout: onStripePayout(ground),
    ...accounts,
    account: alsoLookAtBanks(accounts.account),
  } as Reactions
}

/** Every operator in both modes; each step finds its own place, so this may run at any time (STR-71). */
async function recover(
  ground: Ground,
  { isStart = false, signal }: { isStart?: boolean; signal?: AbortSignal } = {},
): Promise<void> {
  const { database, bell, logs } = ground
  await ensureInstallationEndpoints(ground)
  if ((await adoptParkedEvents(database)) > 0) bell.ring()
  await dropOldBodies(database)
  for (const operatorId of await listOperatorIds(database)) {
    if (signal?.aborted) return
    for (const mode of ['test', 'live'] as const) {
      // One transaction for all: with thousands of operators its opening costs more than what it finds.
      const looked = inScope(database, { operatorId, mode }, async (rows) => {
        await recoverEndpoints(rows)
        await recoverOnboarding(rows)
        await recoverLeases(rows)
        await recoverDrainings(rows)
        await recoverPayouts(rows)
        const pending = (await recoverPayments(rows)) + (await recoverRefunds(rows))
        await planBackFill(rows, { isStart, hasPending: pending > 0 })
      })
      await looked.catch((error: unknown) =>
        logs.error({ operatorId, mode, error: String(error) }, 'recovery failed, it will be tried again'),
      )
    }
  }
}

/** Everything the HTTP side is given. @param distFolder where the built screens are, with a slash at its end. */
export function apiContext(ground: Ground, distFolder: URL): ApiContext {
  const { database, sandboxUrl, configuration } = ground
  const { stripeWebhookSecret: platform, stripeWebhookSecretConnect: connect } = configuration
  return {
    ...ground,
    installation: installationGroundOf(ground),
    installationSecrets: {
      ...(platform !== undefined && { platform: new Secret(platform) }),
      ...(connect !== undefined && { connect: new Secret(connect) }),
    },
    wakeInbox: () => ground.bell.ring(),
    trustedProxies: configuration.trustedProxies,
    drain: createDrain(),
    metrics: createMetrics(createRegistry()),
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
