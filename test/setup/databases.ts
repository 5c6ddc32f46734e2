/**
 * A real database for a test file, on each kind this run has: migrated, with jobs connected, a turnable clock and a box for secrets.
 * Each file makes its own operators with fresh ids, so all files may share one PostgreSQL (ARC-62).
 */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, inject } from 'vitest'
import { endpointJobs } from '#endpoints'
import { listBreaches } from '#ledger'
import type { Mode, Scope } from '#kernel'
import { leaseJobs } from '#leases'
import {
  createJobs,
  createLogs,
  inScope,
  newId,
  openDatabase,
  secretBox,
  turnableClock,
  type Database,
  type JobDeclaration,
  type Jobs,
  type Logs,
  type SecretBox,
  type TurnableClock,
} from '#platform'
import './choose-databases.ts'
import { createDatabase, dropDatabase, readEmbeddedTemplate, urlOf } from './templates.ts'

export type TestGround = {
  readonly kind: 'pglite' | 'postgres'
  readonly database: Database
  readonly clock: TurnableClock
  readonly box: SecretBox
  readonly logs: Logs
  /** Every line that was logged, after the scrubber. */
  readonly logLines: string[]
  readonly jobs: Jobs
  /** A fresh operator with settings, one location, a 10 % tax and an agreement. */
  makeOperator(mode?: Mode): Promise<TestOperator>
  close(): Promise<void>
}

export type TestOperator = {
  readonly scope: Scope
  readonly slug: string
  readonly locationId: string
  readonly taxRateId: string
  readonly agreementVersionId: string
}

/**
 * Runs the tests on every database of this run. `ground()` is open inside tests and hooks. The jobs that every check-out plans are known
 * without being named.
 */
export function eachDatabase(
  title: string,
  options: { jobs?: readonly JobDeclaration[] },
  tests: (ground: () => TestGround) => void,
): void {
  for (const kind of inject('databaseKinds')) {
    describe(`${title} (${kind})`, () => {
      let ground: TestGround
      beforeAll(async () => {
        ground = await openTestGround(kind, options.jobs ?? [])
      })
      afterAll(async () => {
        await ground?.close()
      })
      tests(() => ground)
    })
  }
}

export async function openTestGround(
  kind: 'pglite' | 'postgres',
  declarations: readonly JobDeclaration[] = [],
): Promise<TestGround> {
  const clock = turnableClock()
  const logLines: string[] = []
  const logs = createLogs('debug', (line) => void logLines.push(line))
  const own = kind === 'postgres' ? await createPostgresDatabase() : undefined
  const database = await openCopy(clock, own?.url)
  const jobs = createJobs({
    database,
    databaseUrl: own?.url,
    logs,
    declarations: [...endpointJobs, ...leaseJobs, ...declarations],
  })
  await jobs.connect()
  return {
    kind,
    database,
    clock,
    logs,
    logLines,
    jobs,
    box: secretBox(randomBytes(32)),
    makeOperator: (mode = 'test') => makeOperator(database, mode),
    async close() {
      await jobs.stop()
      await database.close()
      await own?.drop()
    },
  }
}

async function openCopy(clock: TurnableClock, url: string | undefined): Promise<Database> {
  if (url === undefined) return openDatabase({ clock, dump: await readEmbeddedTemplate(inject('embeddedTemplate')) })
  return openDatabase({ clock, url, authUrl: url.replace('//rentroll_app', '//rentroll_auth'), poolSize: 8 })
}

/** A database of its own for each file: the loops of inbox and jobs work everything they find, whoever made it. */
export async function createPostgresDatabase() {
  const name = `test_${randomBytes(8).toString('hex')}`
  const server = inject('postgresOwnerUrl')
  await createDatabase(server, name, inject('postgresTemplate'))
  return {
    url: urlOf(inject('postgresUrl'), name),
    ownerUrl: urlOf(server, name),
    drop: () => dropDatabase(server, name),
  }
}

async function makeOperator(database: Database, mode: Mode): Promise<TestOperator> {
  const [operatorId, locationId, taxRateId, agreementVersionId] = [
    newId(database.clock),
    newId(database.clock),
    newId(database.clock),
    newId(database.clock),
  ]
  const slug = `t-${operatorId.slice(-12)}`
  const now = database.clock.now()
  await database.handle
    .insertInto('app.operators')
    .values({ id: operatorId, slug, name: 'Test Desks', created_at: now })
    .execute()
  const scope = { operatorId, mode }
  const own = { operator_id: operatorId }
  await inScope(database, scope, async (rows) => {
    await rows
      .insertInto('app.tax_rates')
      .values({ ...own, id: taxRateId, name: 'GST', percent: '10', treatment: 'taxable', created_at: now })
      .execute()
    await rows
      .insertInto('app.operator_settings')
      .values({
        ...own,
        legal_name: 'Test Desks Pty Ltd',
        country: 'AU',
        currency: 'AUD',
        time_zone: 'Australia/Sydney',
        default_tax_rate_id: taxRateId,
        updated_at: now,
      })
      .execute()
    await rows
      .insertInto('app.locations')
      .values({ ...own, id: locationId, name: 'Main', time_zone: 'Australia/Sydney', currency: 'AUD', created_at: now })
      .execute()
    await rows
      .insertInto('app.agreement_versions')
      .values({
        ...own,
        id: agreementVersionId,
        version: 1,
        title: 'Rental agreement',
        content: 'You rent {{space.number}}.',
        effective_on: '2026-01-01',
        published_by: 'test',
        published_at: now,
      })
      .execute()
  })
  return { scope, slug, locationId, taxRateId, agreementVersionId }
}

/** Every invariant view of this operator; a story test ends with this being empty (MON-14). */
export function breachesOf(database: Database, scope: Scope) {
  return inScope(database, scope, listBreaches)
}
