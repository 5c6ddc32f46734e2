/**
 * Settings of the whole sandbox, changed by `POST /_sandbox/settings` and kept in the journal. Read them where they act,
 * with `settingsOf(world)`; settings of one account are in its row.
 */
import { searchLagSeconds } from '../facts.ts'
import type { SandboxSettings } from './kinds.ts'
import type { World } from './world.ts'

const presets: SandboxSettings = { openMode: false, rateLimits: false, searchLagSeconds }
const rowId = 'sandbox'

/** While a call is answered that a fault `search_lag` struck, the lag is the fault's. */
export function settingsOf(world: World): SandboxSettings {
  const kept = world.root.find('sandbox_settings', rowId)?.object ?? presets
  return world.faultySearchLagSeconds === null ? kept : { ...kept, searchLagSeconds: world.faultySearchLagSeconds }
}

export function changeSandboxSettings(world: World, changes: Partial<SandboxSettings>): SandboxSettings {
  return world.transaction(() => {
    const object = { ...presets, ...world.root.find('sandbox_settings', rowId)?.object, ...changes }
    if (world.root.find('sandbox_settings', rowId) === undefined)
      return world.root.insert('sandbox_settings', rowId, { object, hidden: {} }).object
    return world.root.update('sandbox_settings', rowId, { object }).object
  })
}
