/**
 * `@supabase/stripe-sync-engine` 0.48.5 behind a plain shell: `node supabase-sync.cjs migrate` makes its tables, `… serve` answers.
 * CommonJS, because its migrations are found from `__dirname` (PERF-17).
 */
const { StripeSync, runMigrations } = require('@supabase/stripe-sync-engine')

const databaseUrl = process.env.DATABASE_URL
const silent = { info() {}, warn() {}, error() {}, debug() {} }

/** It reports a failed migration to its logger alone. */
async function makeTables() {
  const failures = []
  const logger = { ...silent, error: (error) => failures.push(error) }
  await runMigrations({ databaseUrl, schema: 'stripe', logger })
  if (failures.length > 0) throw failures[0]
}

async function start() {
  if (process.argv[2] === 'migrate') return makeTables()
  const sync = new StripeSync({
    poolConfig: { connectionString: databaseUrl, max: 10 },
    schema: 'stripe',
    stripeSecretKey: 'sk_test_bench',
    stripeWebhookSecret: process.env.STRIPE_WEBHOOK_SECRET_CONNECT,
    backfillRelatedEntities: false,
    autoExpandLists: false,
    logger: silent,
  })
  const { serve } = await import('./shell.mjs')
  return serve((body, signature) => sync.processWebhook(body, signature))
}

start().catch((error) => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
})
