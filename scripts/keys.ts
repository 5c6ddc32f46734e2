/**
 * `npm run keys -- new | add | rewrap | verify | drop | forget`: the life of master keys (TRU-32, TRU-33). `npm run rewrap` is the third.
 * No key is ever printed but the one that `new` makes. Anything that does not work is one sentence and exit 1.
 */
import { parseArgs } from 'node:util'
import { forgetLostKey, isKeyNeeded, openSecretBox, rewrapAll, verifyAll } from '#keys'
import { listOperatorIds } from '#operators'
import {
  StartRefusal,
  createLogs,
  keyFileOf,
  masterKeyId,
  newMasterKey,
  openKeyProvider,
  readConfiguration,
  readEnvironment,
  readKeyFile,
  systemClock,
  writeKeyFile,
  type Configuration,
  type Database,
} from '#platform'
import { keySourceOf, openMigrated } from '../src/wiring.ts'

const usage = `npm run keys -- new              prints a fresh master key; keep it in a file of mode 0600 and set RENTROLL_MASTER_KEY_FILE
npm run keys -- add              puts a fresh key first in the key file; those below it still open
npm run keys -- rewrap           brings every stored secret under the first key, while everything runs; also npm run rewrap
npm run keys -- rewrap --to id   the same, and refuses when the first key is another one
npm run keys -- verify           opens every stored secret once and shows none
npm run keys -- drop id          takes a key that nothing needs any more out of the key file
npm run keys -- forget id        gives a lost key up: what stands under it stays closed`

const say = (line: string) => process.stdout.write(`${line}\n`)
const tell = (line: string) => process.stderr.write(`${line}\n`)

type Setting = {
  readonly configuration: Configuration
  readonly id: string | undefined
  readonly to: string | undefined
}

const verbs: Readonly<Record<string, (setting: Setting) => Promise<void>>> = { add, rewrap, verify, drop, forget }

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { to: { type: 'string' } } })
  const [verb = '', id] = positionals
  if (verb === 'new') return void say(newMasterKey())
  const deed = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined
  if (!deed) throw new StartRefusal(usage)
  const configuration = readConfiguration(readEnvironment(tell))
  if ('problems' in configuration) throw new StartRefusal(configuration.problems.join('\n'))
  await deed({ configuration, id, to: values.to })
}

async function add({ configuration }: Setting): Promise<void> {
  const path = keyFileToChange(configuration)
  const [key, before] = [Buffer.from(newMasterKey(), 'base64'), readKeyFile(path)]
  writeKeyFile(path, [key, ...before])
  say(`Master key ${masterKeyId(key)} is the first in ${path}. Still opening: ${before.map(masterKeyId).join(', ')}.`)
  say('Restart every process, so that it seals with the new key, then run `npm run rewrap`.')
}

async function rewrap({ configuration, to }: Setting): Promise<void> {
  await onDatabase(configuration, async (database) => {
    const keys = openKeyProvider(keySourceOf(configuration))
    if (to !== undefined && to !== keys.newest)
      throw new StartRefusal(`The key that seals is ${keys.newest}, not ${to}. Put ${to} first and try again.`)
    const box = await openSecretBox(database, keys)
    const startedAt = performance.now()
    const result = await rewrapAll(box, await walkOf(database))
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    say(`${result.rewrapped} secrets were wrapped anew in ${seconds} s.`)
    for (const [keyId, count] of result.byKey)
      say(`Under master key ${keyId}: ${count}${keyId === box.keyId ? ', the present one' : ''}`)
    for (const keyId of result.forgotten)
      say(`Nothing needs master key ${keyId} any more. Take it away with \`npm run keys -- drop ${keyId}\`.`)
    for (const fault of result.faults) tell(fault)
    const left = [...result.byKey].reduce((sum, [keyId, count]) => sum + (keyId === box.keyId ? 0 : count), 0)
    if (left === 0) return
    tell(`${left} secrets are not under ${box.keyId}.`)
    if (result.faults.length < left) tell('A process still seals with an older key. Restart it, then run this again.')
    process.exitCode = 1
  })
}

async function verify({ configuration }: Setting): Promise<void> {
  await onDatabase(configuration, async (database) => {
    const box = await openSecretBox(database, openKeyProvider(keySourceOf(configuration)))
    const { opened, faults } = await verifyAll(box, await walkOf(database))
    say(`${opened} secrets open.`)
    for (const fault of faults) tell(fault)
    if (faults.length > 0) process.exitCode = 1
  })
}

async function drop({ configuration, id }: Setting): Promise<void> {
  const path = keyFileToChange(configuration)
  const keys = readKeyFile(path)
  const rest = keys.filter((key) => masterKeyId(key) !== id)
  if (rest.length === keys.length) throw new StartRefusal(`${path} holds no master key ${id ?? ''}.\n${usage}`)
  await onDatabase(configuration, async (database) => {
    if (rest.length === 0 || (await isKeyNeeded(database, id ?? '')))
      throw new StartRefusal(`Stored secrets may still need master key ${id}. Run \`npm run rewrap\` first.`)
    writeKeyFile(path, rest)
    say(`Master key ${id} is no longer in ${path}.`)
  })
}

async function forget({ configuration, id = '' }: Setting): Promise<void> {
  if (openKeyProvider(keySourceOf(configuration)).known().includes(id))
    throw new StartRefusal(`Master key ${id} is not lost. \`npm run rewrap\` makes it unneeded.`)
  await onDatabase(configuration, async (database) => {
    if (!(await isKeyNeeded(database, id))) throw new StartRefusal(`Nothing needs a master key ${id}.\n${usage}`)
    await forgetLostKey(database, id)
    say(`Master key ${id} is given up. Secrets under it do not open: those operators have to paste theirs again.`)
  })
}

function keyFileToChange(configuration: Configuration): string {
  if (configuration.masterKey === undefined) return keyFileOf(keySourceOf(configuration))
  throw new StartRefusal(
    'The master key stands in the environment. Set RENTROLL_MASTER_KEY and RENTROLL_MASTER_KEYS_ACCEPTED there.',
  )
}

async function walkOf(database: Database) {
  const operatorIds = await listOperatorIds(database)
  return { database, operatorIds, tell: (behind: number) => void tell(`${behind} of ${operatorIds.length} operators`) }
}

async function onDatabase(configuration: Configuration, work: (database: Database) => Promise<void>): Promise<void> {
  const logs = createLogs('warn', (line) => void process.stderr.write(line))
  const database = await openMigrated({ configuration, clock: systemClock, logs })
  try {
    await work(database)
  } finally {
    await database.close()
  }
}

run().catch((error: unknown) => {
  tell(error instanceof Error ? error.message : String(error))
  process.exit(1)
})
