/** What tests and the console do to connected accounts beyond Stripe's own API: play a script, disconnect a platform. */
import { json } from '../../http.ts'
import type { Route, SandboxReply } from '../../http.ts'
import { ControlRefused, controlRoute, readJson } from '../control-input.ts'
import type { Space } from '../world/space.ts'
import type { World } from '../world/world.ts'
import { disconnect } from './connection.ts'
import { scriptLabels, scriptNames } from './requirements/script-names.ts'
import type { ScriptName } from './requirements/script-names.ts'
import { concludeOnboarding } from './requirements/scripts.ts'

export function connectControlRoutes(world: World): Route[] {
  return [
    controlRoute('GET', '/account-scripts', () => json(scriptLabels)),
    controlRoute('POST', '/accounts/:id/script', (request, { id = '' }) => {
      const script = readScript(readJson(request)['script'])
      return change(world, id, (space) => concludeOnboarding(space, script))
    }),
    controlRoute('POST', '/accounts/:id/deauthorize', (_, { id = '' }) => change(world, id, disconnect)),
  ]
}

/** Finds the account, does the work as one change and shows what has become of the account. */
function change(world: World, id: string, work: (space: Space) => void): SandboxReply {
  world.runDueTimers()
  const connection = world.root.find('account', id)?.hidden.connection ?? null
  if (connection === null) return json({ error: 'There is no such connected account.' }, 404)
  world.transaction(() => work(world.space(id, connection.mode)))
  return json(world.root.get('account', id).object)
}

function readScript(given: unknown): ScriptName {
  const script = scriptNames.find((name) => name === given)
  if (script === undefined) throw new ControlRefused(`script must be one of ${scriptNames.join(', ')}.`)
  return script
}
