/** `POST /_sandbox/settings`: settings of the whole sandbox, of the deliverer, and of one account when it is named. */
import { json } from '../http.ts'
import type { SandboxReply } from '../http.ts'
import { ControlRefused, readAccount } from './control-input.ts'
import type { Loose } from './control-input.ts'
import type { RunningSandbox } from './stripe-sandbox.ts'
import type { SandboxSettings } from './world/kinds.ts'
import { changeSandboxSettings } from './world/settings.ts'

export function changeSettings(sandbox: RunningSandbox, given: Loose): SandboxReply {
  const changes = readSandboxSettings(given)
  if (Object.keys(changes).length > 0) return json({ settings: changeSandboxSettings(sandbox.world, changes) })
  const order = given['deliveryOrder']
  if (order !== undefined) {
    if (order !== 'shuffled' && order !== 'as_created')
      throw new ControlRefused('deliveryOrder must be "shuffled" or "as_created".')
    sandbox.deliveryOrder = order
    if (given['refundWithoutFunds'] === undefined) return json({ deliveryOrder: order })
  }
  const account = readAccount(sandbox.world, given['account'])
  const policy = given['refundWithoutFunds']
  if (policy !== 'pend' && policy !== 'reject' && policy !== 'overdraw') {
    throw new ControlRefused('refundWithoutFunds must be "pend", "reject" or "overdraw".')
  }
  const { world } = sandbox
  const row = world.transaction(() =>
    world.root.update('account', account, { hidden: { settings: { refundWithoutFunds: policy } } }),
  )
  return json({ account, settings: row.hidden.settings })
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
