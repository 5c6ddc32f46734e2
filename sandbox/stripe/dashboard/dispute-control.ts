/** `POST /_sandbox/charges/:id/dispute`: the payer's bank takes a payment back, or asks about it (SBX-27). */
import { json } from '../../http.ts'
import type { Route, SandboxReply } from '../../http.ts'
import { ControlRefused, controlRoute, onTime, readJson, readWord } from '../control-input.ts'
import type { Loose } from '../control-input.ts'
import type { DisputeKind } from '../disputes/kinds.ts'
import { openDispute } from '../disputes/open-dispute.ts'
import type { World } from '../world/world.ts'

const kinds: readonly DisputeKind[] = ['chargeback', 'inquiry', 'return']

export function disputeControlRoutes(world: World): Route[] {
  return [
    onTime(
      world,
      controlRoute('POST', '/charges/:id/dispute', (request, { id = '' }) => dispute(world, id, readJson(request))),
    ),
  ]
}

/** `{kind, reason}`; a return is a bank debit taken back after it succeeded. */
function dispute(world: World, charge: string, given: Loose): SandboxReply {
  const kind = kinds.find((one) => one === (given['kind'] ?? 'chargeback'))
  if (kind === undefined) throw new ControlRefused(`kind must be one of ${kinds.join(', ')}.`)
  const reason = readWord(given['reason'] ?? (kind === 'return' ? 'debit_not_authorized' : 'fraudulent'), 'reason')
  const space = world.spaces().find((one) => one.find('charge', charge) !== undefined)
  const row = space?.find('charge', charge)
  if (space === undefined || row === undefined) return json({ error: 'There is no such charge.' }, 404)
  if (row.object.status !== 'succeeded') throw new ControlRefused('Only a charge that succeeded can be disputed.')
  if (row.object.disputed) throw new ControlRefused('The charge is disputed already.')
  return json(world.transaction(() => openDispute(space, { charge, kind, reason })).object, 201)
}
