/**
 * Decides once per run which databases the tests use, starts a throw-away PostgreSQL if one is wanted, and says so in
 * one line. Test files read the answer with `inject('databaseKinds')`, `inject('postgresUrl')` and
 * `inject('postgresOwnerUrl')`; the two addresses are empty where PostgreSQL is not used. `inject('embeddedTemplate')` and
 * `inject('postgresTemplate')` name what a test's database is a copy of.
 */
import type { TestProject } from 'vitest/node'
import { startCluster } from '../../scripts/cluster.ts'
import type { Cluster } from '../../scripts/cluster.ts'
import { makeEmbeddedTemplate, makePostgresTemplate, removeEmbeddedTemplate } from './templates.ts'

type DatabaseKind = 'pglite' | 'postgres'

declare module 'vitest' {
  interface ProvidedContext {
    databaseKinds: readonly DatabaseKind[]
    postgresUrl: string
    postgresOwnerUrl: string
    embeddedTemplate: string
    postgresTemplate: string
  }
}

type Choice = {
  readonly kinds: readonly DatabaseKind[]
  readonly url: string
  readonly ownerUrl: string
  readonly sentence: string
  readonly stop: () => Promise<void>
}

const nothingToStop = async (): Promise<void> => undefined
const pgliteOnly = { kinds: ['pglite'], url: '', ownerUrl: '', stop: nothingToStop } as const

function readWish(): string {
  const wish = process.env['RENTROLL_TEST_DATABASES'] ?? ''
  // The product refuses RENTROLL_ names it does not know, and tests start the product with this environment.
  delete process.env['RENTROLL_TEST_DATABASES']
  if (['', 'pglite', 'postgres'].includes(wish)) return wish
  throw new Error(`RENTROLL_TEST_DATABASES is "${wish}". Set it to pglite or postgres, or leave it out to use both.`)
}

/** A cluster of our own; without one the run goes on with PGlite alone, unless PostgreSQL was required. */
async function startOwnCluster(isRequired: boolean): Promise<Cluster | string> {
  try {
    return await startCluster({ isDurable: false })
  } catch (fault) {
    if (isRequired) throw fault
    return fault instanceof Error ? fault.message : String(fault)
  }
}

async function choose(): Promise<Choice> {
  const wish = readWish()
  const isRequired = process.env['REQUIRE_POSTGRES'] === '1' || wish === 'postgres'
  if (wish === 'pglite') return { ...pgliteOnly, sentence: 'PGlite, as RENTROLL_TEST_DATABASES says' }
  const url = process.env['TEST_DATABASE_URL'] ?? ''
  const ownerUrl = process.env['TEST_DATABASE_OWNER_URL'] ?? ''
  if (url !== '') {
    if (ownerUrl === '') throw new Error('TEST_DATABASE_URL is set, so TEST_DATABASE_OWNER_URL has to be set as well.')
    return { kinds: ['postgres'], url, ownerUrl, sentence: 'PostgreSQL at TEST_DATABASE_URL', stop: nothingToStop }
  }
  const cluster = await startOwnCluster(isRequired)
  if (typeof cluster === 'string') return { ...pgliteOnly, sentence: `PGlite; PostgreSQL is skipped: ${cluster}` }
  if (wish === 'postgres') return { ...cluster, kinds: ['postgres'], sentence: 'PostgreSQL, a cluster of its own' }
  return { ...cluster, kinds: ['pglite', 'postgres'], sentence: 'PGlite, and PostgreSQL in a cluster of its own' }
}

/** A failing choice is said first: the runner shows the error last, under a puzzling "No test files found". */
async function chooseAloud(): Promise<Choice> {
  try {
    const choice = await choose()
    process.stdout.write(`Databases: ${choice.sentence}\n`)
    return choice
  } catch (fault) {
    process.stdout.write(`Databases: none, so no test can run. ${fault instanceof Error ? fault.message : fault}\n`)
    throw fault
  }
}

type Ready = Choice & { readonly embeddedTemplate: string; readonly postgresTemplate: string }

async function chooseAndPrepare(): Promise<Ready> {
  const choice = await chooseAloud()
  const embeddedTemplate = choice.kinds.includes('pglite') ? await makeEmbeddedTemplate() : ''
  const postgresTemplate = choice.kinds.includes('postgres') ? await makePostgresTemplate(choice.ownerUrl) : ''
  return {
    ...choice,
    embeddedTemplate,
    postgresTemplate,
    async stop() {
      if (embeddedTemplate !== '') removeEmbeddedTemplate(embeddedTemplate)
      await choice.stop()
    },
  }
}

type Sharing = { choice: Promise<Ready> | undefined; users: number }

/** Each project of the run loads this file anew, in one process: the first one chooses, the last one ends it. */
function getSharing(): Sharing {
  const holder = globalThis as { rentrollTestDatabases?: Sharing }
  holder.rentrollTestDatabases ??= { choice: undefined, users: 0 }
  return holder.rentrollTestDatabases
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const sharing = getSharing()
  sharing.users += 1
  sharing.choice ??= chooseAndPrepare()
  const choice = await sharing.choice
  project.provide('databaseKinds', choice.kinds)
  project.provide('postgresUrl', choice.url)
  project.provide('postgresOwnerUrl', choice.ownerUrl)
  project.provide('embeddedTemplate', choice.embeddedTemplate)
  project.provide('postgresTemplate', choice.postgresTemplate)
  return async () => {
    sharing.users -= 1
    if (sharing.users === 0) await choice.stop()
  }
}
