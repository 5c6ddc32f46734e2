/** `POST /_sandbox/charges/:id/debit`: the banks answer a debit now, and as the caller says (SBX-44). */
import { json } from '../../http.ts'
import type { Route, SandboxReply } from '../../http.ts'
import { ControlRefused, controlRoute, onTime, readJson } from '../control-input.ts'
import type { Loose } from '../control-input.ts'
import { bankOf, concludeDebit } from '../debits/debit-result.ts'
import { failures } from '../debits/test-accounts.ts'
import type { World } from '../world/world.ts'

export function debitControlRoutes(world: World): Route[] {
  return [
    onTime(
      world,
      controlRoute('POST', '/charges/:id/debit', (request, { id = '' }) => conclude(world, id, readJson(request))),
    ),
  ]
}

/** `{outcome}`: 'succeeded', a failure code, or nothing for what the number of the bank account says. */
function conclude(world: World, charge: string, given: Loose): SandboxReply {
  const space = world.spaces().find((one) => one.find('charge', charge) !== undefined)
  const row = space?.find('charge', charge)
  if (space === undefined || row === undefined) return json({ error: 'There is no such charge.' }, 404)
  if (row.object.status !== 'pending') throw new ControlRefused('Only a debit that is under way can be answered.')
  const outcome = given['outcome'] ?? bankOf(space, charge).failure?.code ?? 'succeeded'
  const failure = Object.entries(failures).find(([code]) => code === outcome)?.[1]
  if (failure === undefined && outcome !== 'succeeded')
    throw new ControlRefused(`outcome must be one of succeeded, ${Object.keys(failures).join(', ')}.`)
  world.transaction(() => concludeDebit(space, charge, failure ?? null))
  return json(space.get('charge', charge).object)
}
