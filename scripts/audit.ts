/**
 * `npm run audit -- verify` (TRU-21, TRU-97): recounts the audit chain of every operator and holds it against the anchors outside the
 * database. One line for each operator that is wrong, a closing line, and exit 1 when anything is. It reads only, and may run while the product runs.
 */
import { parseArgs } from 'node:util'
import { verifyChains } from '#audit'
import { listOperatorIds } from '#operators'
import { StartRefusal, createLogs, readConfiguration, readEnvironment, systemClock } from '#platform'
import { openMigrated } from '../src/wiring.ts'

const usage = `npm run audit -- verify                  recounts every chain; compares with AUDIT_ANCHOR_FILE when that is set
npm run audit -- verify --anchors file   the same, with anchors that were kept elsewhere`

const say = (line: string) => process.stdout.write(`${line}\n`)
const tell = (line: string) => process.stderr.write(`${line}\n`)

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { anchors: { type: 'string' } } })
  if (positionals.join(' ') !== 'verify') throw new StartRefusal(usage)
  const configuration = readConfiguration(readEnvironment(tell))
  if ('problems' in configuration) throw new StartRefusal(configuration.problems.join('\n'))
  const file = values.anchors ?? configuration.auditAnchorFile
  const logs = createLogs('warn', (line) => void process.stderr.write(line))
  const database = await openMigrated({ configuration, clock: systemClock, logs })
  try {
    const report = await verifyChains(database, { file, listOperatorIds: () => listOperatorIds(database) })
    for (const { operatorId, seq, words } of report.wrong) say(`${operatorId} seq ${seq}: ${words}`)
    if (report.unreadable > 0) tell(`${report.unreadable} lines of ${file} are not whole and were passed over.`)
    if (file === undefined) tell('AUDIT_ANCHOR_FILE is not set: a chain cut off together with its end is not found.')
    const compared = report.anchors === undefined ? '' : `, ${report.anchors} anchors compared`
    say(
      `${report.wrong.length} of ${report.operators} operators are wrong; ${report.entries} entries counted${compared}.`,
    )
    if (report.wrong.length > 0) process.exitCode = 1
  } finally {
    await database.close()
  }
}

run().catch((error: unknown) => {
  tell(error instanceof Error ? error.message : String(error))
  process.exit(1)
})
