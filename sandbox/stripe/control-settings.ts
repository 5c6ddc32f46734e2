/** `POST /_sandbox/settings`: settings of the whole sandbox, of the deliverer, and of one account when it is named. */
import { json } from '../http.ts'
import type { SandboxReply } from '../http.ts'
import { ControlRefused, readAccount } from './control-input.ts'
import type { Loose } from './control-input.ts'
import type { RunningSandbox } from './stripe-sandbox.ts'
import type { AccountSettings } from './world/kinds.ts'
import type { SandboxSettings } from './world/kinds.ts'
import { changeSandboxSettings } from './world/settings.ts'

export function changeSettings(sandbox: RunningSandbox, given: Loose): SandboxReply {
  const changed = readSandboxSettings(given)
  if (Object.keys(changed).length > 0) return json({ settings: changeSandboxSettings(sandbox.world, changed) })
  const { deliveryOrder: order, account: named, ...wished } = given
  if (order !== undefined) {
    if (order !== 'shuffled' && order !== 'as_created')
      throw new ControlRefused('deliveryOrder must be "shuffled" or "as_created".')
    sandbox.deliveryOrder = order
    if (Object.keys(wished).length === 0) return json({ deliveryOrder: order })
  }
  const account = readAccount(sandbox.world, named)
  const changes = readSettings(wished)
  const { world } = sandbox
  const row = world.transaction(() => {
    const { settings } = world.root.get('account', account).hidden
    return world.root.update('account', account, { hidden: { settings: { ...settings, ...changes } } })
  })
  return json({ account, settings: row.hidden.settings })
}

/** What each setting of an account may be. */
const settingChoices: Readonly<Record<string, readonly unknown[]>> = {
  refundWithoutFunds: ['pend', 'reject', 'overdraw'],
  balanceTransactionOnCharge: ['at_once', 'late'],
  strictReturnUrl: [true, false],
}

function readSettings(given: Loose): Partial<AccountSettings> {
  for (const [name, value] of Object.entries(given)) {
    const choices = settingChoices[name]
    if (choices === undefined) throw new ControlRefused(`${name} is no setting.`)
    if (!choices.includes(value)) {
      throw new ControlRefused(`${name} must be one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}.`)
    }
  }
  if (Object.keys(given).length === 0) throw new ControlRefused('Name a setting, such as "refundWithoutFunds".')
  return given
}

function readSandboxSettings(given: Loose): Partial<SandboxSettings> {
  const { openMode, rateLimits, searchLagSeconds: lag } = given
  if (lag !== undefined && !(Number.isInteger(lag) && (lag as number) >= 0 && (lag as number) <= 3600)) {
    throw new ControlRefused('searchLagSeconds must be a whole number from 0 to 3600.')
  }
  return {
    ...(openMode !== undefined && { openMode: readSwitch(openMode, 'openMode') }),
    ...(rateLimits !== undefined && { rateLimits: readSwitch(rateLimits, 'rateLimits') }),
    ...(lag !== undefined && { searchLagSeconds: lag as number }),
  }
}

function readSwitch(given: unknown, name: string): boolean {
  if (typeof given !== 'boolean') throw new ControlRefused(`${name} must be true or false.`)
  return given
}
