/**
 * Notes when deliveries at the shared address were refused, or verified by a secret of the installation, at most once a second for each, so
 * that a flood of rubbish costs one write. What is lost with a dying process is an instant and nothing else.
 */
import type { Mode, Uuid } from '#kernel'
import { withoutScope, type Database, type Logs } from '#platform'
import type { InstallationKind } from './installation.ts'
import { updateInstallationRow, updateWatch } from './store.ts'

/** Undefined for a secret of the environment. */
export type VerifiedBy = { readonly kind: InstallationKind; readonly mode: Mode; readonly endpointId: Uuid | undefined }

export type InstallationTally = {
  refused(): void
  verified(by: VerifiedBy): void
  /** Everything noted so far is written when it resolves. */
  flush(): Promise<void>
}

const restMs = 1_000

export function createInstallationTally(ground: {
  readonly database: Database
  readonly logs: Logs
}): InstallationTally {
  const { database, logs } = ground
  const waiting = new Map<string, () => Promise<void>>()
  const resting = new Set<string>()
  const underWay = new Set<Promise<void>>()
  const write = (name: string): void => {
    const work = waiting.get(name)
    if (!work) return
    waiting.delete(name)
    resting.add(name)
    setTimeout(() => {
      resting.delete(name)
      write(name)
    }, restMs).unref()
    const writing = work()
      .catch((error: unknown) => logs.error({ error: String(error) }, 'a delivery was not noted'))
      .finally(() => underWay.delete(writing))
    underWay.add(writing)
  }
  const note = (name: string, work: () => Promise<void>) => {
    waiting.set(name, work)
    if (!resting.has(name)) write(name)
  }
  return {
    refused() {
      const refusedAt = database.clock.now()
      note('refused', () => withoutScope(database, (rows) => updateWatch(rows, { refusedAt })))
    },
    verified({ kind, mode, endpointId }) {
      const at = database.clock.now()
      if (kind === 'connect')
        note(`${mode} connect`, () => withoutScope(database, (rows) => updateWatch(rows, { verifiedAt: at }, mode)))
      if (endpointId !== undefined)
        note(endpointId, () => updateInstallationRow(database, endpointId, { last_verified_at: at }))
    },
    async flush() {
      for (const name of waiting.keys()) write(name)
      await Promise.all(underWay)
    },
  }
}
