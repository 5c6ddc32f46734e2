/** `npm run db -- roles | migrate | status` (STK-74, STK-75). Prints sentences; anything that does not work is one sentence and exit 1. */
import { declaredJobs } from '../src/wiring.ts'
import {
  StartRefusal,
  assertMigrated,
  makeRoles,
  migrate,
  migrateJobs,
  openDatabase,
  readConfiguration,
  readEnvironment,
  roleStatements,
  systemClock,
} from '#platform'

const say = (line: string) => process.stdout.write(`${line}\n`)
const usage = `npm run db -- roles [administrator address]   prints the SQL that makes the roles, or applies it at the address
npm run db -- migrate                          brings the schema up to date (DATABASE_OWNER_URL)
npm run db -- status                           says whether the schema is up to date (DATABASE_URL)`

async function run([verb, address]: readonly string[]): Promise<void> {
  if (verb === 'roles') return roles(address)
  const configuration = readConfiguration(readEnvironment((sentence) => void process.stderr.write(`${sentence}\n`)))
  if ('problems' in configuration) throw new StartRefusal(configuration.problems.join('\n'))
  if (verb === 'migrate') return migrateAs(configuration.databaseOwnerUrl)
  if (verb === 'status') return status(configuration.databaseUrl)
  throw new StartRefusal(usage)
}

async function roles(address: string | undefined): Promise<void> {
  if (!address) {
    for (const statement of roleStatements) say(`${statement};`)
    say('-- Give each role its own password, and make rentroll_owner the owner of the database.')
    return
  }
  const administrator = await openDatabase({ clock: systemClock, url: address, poolSize: 1 })
  await makeRoles(administrator.handle)
  await administrator.close()
  say('The roles rentroll_owner, rentroll_app, rentroll_auth and rentroll_backup exist.')
}

async function migrateAs(ownerUrl: string | undefined): Promise<void> {
  if (!ownerUrl) throw new StartRefusal('Set DATABASE_OWNER_URL to the role rentroll_owner.')
  const owner = await openDatabase({ clock: systemClock, url: ownerUrl, poolSize: 2 })
  const applied = await migrate(owner.handle)
  await migrateJobs(ownerUrl, owner.handle)
  await owner.close()
  for (const name of applied) say(`applied ${name}`)
  say(`The database is up to date; ${declaredJobs.length} kinds of jobs can be queued.`)
}

async function status(url: string | undefined): Promise<void> {
  if (!url) throw new StartRefusal('Set DATABASE_URL.')
  const database = await openDatabase({ clock: systemClock, url, poolSize: 1 })
  try {
    await assertMigrated(database.handle)
    say('The database is up to date.')
  } finally {
    await database.close()
  }
}

run(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
})
