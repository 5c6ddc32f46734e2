/** What tests and the console do to connected accounts beyond Stripe's own API: play a script, disconnect a platform. */
import { json } from '../../http.ts'
import type { Route, SandboxReply, SandboxRequest } from '../../http.ts'
import type { Space } from '../world/space.ts'
import type { World } from '../world/world.ts'
import { disconnect } from './connection.ts'
import { concludeOnboarding, scriptLabels, scriptNames } from './requirements/scripts.ts'
import type { ScriptName } from './requirements/scripts.ts'

export function connectControlRoutes(world: World): Route[] {
  const at = '/_sandbox/accounts'
  return [
    {
      method: 'GET',
      pattern: '/_sandbox/account-scripts',
      isForPrograms: true,
      handle: () => json(scriptLabels),
    },
    {
      method: 'POST',
      pattern: `${at}/:id/script`,
      isForPrograms: true,
      handle: (request, { id = '' }) => change(world, id, (space) => play(space, request)),
    },
    {
      method: 'POST',
      pattern: `${at}/:id/deauthorize`,
      isForPrograms: true,
      handle: (_, { id = '' }) => change(world, id, disconnect),
    },
  ]
}

/** Finds the account, does the work as one change and shows what has become of the account; a text is a refusal. */
function change(world: World, id: string, work: (space: Space) => string | void): SandboxReply {
  world.runDueTimers()
  const connection = world.root.find('account', id)?.hidden.connection ?? null
  if (connection === null) return json({ error: 'There is no such connected account.' }, 404)
  const refusal = world.transaction(() => work(world.space(id, connection.mode)))
  if (refusal !== undefined) return json({ error: refusal }, 400)
  return json(world.root.get('account', id).object)
}

function play(space: Space, request: SandboxRequest): string | void {
  const script = readScript(request)
  if (script === undefined) return `script must be one of ${scriptNames.join(', ')}.`
  concludeOnboarding(space, script)
}

function readScript(request: SandboxRequest): ScriptName | undefined {
  try {
    const { script } = JSON.parse(request.body.toString('utf8')) as { script?: unknown }
    return scriptNames.find((name) => name === script)
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}
