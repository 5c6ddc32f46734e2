/**
 * Work that comes round again by itself as long as the process lives: the search for what was left unfinished, the watch for troubles, and
 * the anchoring of the audit log.
 */
import { createAnchorRounds } from '#audit'
import { listOperatorIds } from '#operators'
import type { Configuration, Database, Logs } from '#platform'

type Round = {
  readonly name: string
  readonly pauseMs: number
  readonly run: (about: { isStart: boolean; signal: AbortSignal }) => Promise<void>
}

/** A round at once and another a while after each has ended; nobody is kept waiting by it. */
export function startRounds(logs: Logs, { name, pauseMs, run }: Round) {
  const stopping = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const round = async (isStart: boolean): Promise<void> => {
    await run({ isStart, signal: stopping.signal }).catch((error: unknown) =>
      logs.error({ error: String(error) }, `${name} failed, it will be tried again`),
    )
    if (!stopping.signal.aborted) timer = setTimeout(() => void (running = round(false)), pauseMs)
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

const anchorEveryMs = 300_000

/** In every process that does background work: each tells what it has not told yet, and an end told twice is an end told (TRU-97). */
export function startAnchoring(ground: {
  readonly database: Database
  readonly logs: Logs
  readonly configuration: Configuration
}) {
  const { database, logs, configuration } = ground
  const file = configuration.auditAnchorFile
  const anchor = createAnchorRounds({ database, logs, file, listOperatorIds: () => listOperatorIds(database) })
  return startRounds(logs, { name: 'anchoring', pauseMs: anchorEveryMs, run: ({ signal }) => anchor(signal) })
}
