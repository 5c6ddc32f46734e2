/** The background work alone, with the same wiring as `main.ts`. PostgreSQL is needed: the embedded database has room for one process. */
import { StartRefusal, createLogs, readConfiguration, readEnvironment, systemClock } from '#platform'
import { platformKeysOf } from './platform-keys.ts'
import { openGround, openMigrated, startWork } from './wiring.ts'

async function start(): Promise<void> {
  const configuration = readConfiguration(readEnvironment((sentence) => void process.stderr.write(`${sentence}\n`)))
  if ('problems' in configuration) throw new StartRefusal(configuration.problems.join('\n'))
  if (!configuration.databaseUrl) throw new StartRefusal('A worker of its own needs PostgreSQL. Set DATABASE_URL.')
  const logs = createLogs(configuration.logLevel)
  const publicUrl = configuration.publicUrl ?? `http://127.0.0.1:${configuration.port}`
  const database = await openMigrated({ configuration, clock: systemClock, logs })
  const ground = await openGround({
    database,
    configuration,
    clock: systemClock,
    logs,
    publicUrl,
    sandboxUrl: undefined,
    platformKeys: platformKeysOf(configuration, undefined),
  })
  const work = await startWork(ground)
  logs.info('worker started')
  const stop = async () => {
    await work.stop()
    await ground.database.close()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop())
}

start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof StartRefusal ? error.message : (error as Error).stack}\n`)
  process.exit(1)
})
