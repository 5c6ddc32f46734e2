/**
 * `@stripe/sync-engine` 1.0.32 behind a plain shell: `node stripe-sync.mjs migrate <description>` makes its tables, `… serve` answers.
 * It asks Stripe for nothing: its account is named, and neither related objects nor lists are fetched (PERF-17).
 */
import { StripeSync, runMigrations } from '@stripe/sync-engine'
import { serve } from './shell.mjs'

const silent = { info() {}, warn() {}, error() {}, debug() {} }
const databaseUrl = process.env.DATABASE_URL
const [task, description] = process.argv.slice(2)

if (task === 'migrate') {
  await runMigrations({ databaseUrl, logger: silent, openApiSpecPath: description, schemaName: 'stripe' })
} else {
  const sync = await StripeSync.create({
    poolConfig: { connectionString: databaseUrl, max: 10 },
    schemaName: 'stripe',
    stripeSecretKey: 'sk_test_bench',
    stripeAccountId: 'acct_benchplatform',
    stripeWebhookSecret: process.env.STRIPE_WEBHOOK_SECRET_CONNECT,
    backfillRelatedEntities: false,
    autoExpandLists: false,
    logger: silent,
  })
  serve((body, signature) => sync.webhook.processWebhook(body, signature))
}
