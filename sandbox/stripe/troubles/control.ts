/** `/_sandbox/troubles` (SBX-49): list with the state read back, provoke, undo, do the human's part. */
import { json } from '../../http.ts'
import type { Route, SandboxReply } from '../../http.ts'
import { controlRoute, readAccount, readJson, readMode, readWord } from '../control-input.ts'
import type { World } from '../world/world.ts'
import type { Troubles } from './troubles.ts'

export function troubleRoutes(world: World, troubles: Troubles): Route[] {
  const answer = (isDone: boolean): SandboxReply =>
    isDone ? json(troubles.list()) : json({ error: 'It is not provoked.' }, 409)
  return [
    controlRoute('GET', '/troubles', () => json(troubles.list())),
    controlRoute('POST', '/troubles/:name', (request, { name = '' }) => {
      const { account, mode, variant } = readJson(request)
      troubles.provoke(name, {
        account: readAccount(world, account),
        mode: readMode(mode),
        variant: variant === undefined ? undefined : readWord(variant, 'variant'),
      })
      return json(troubles.list(), 201)
    }),
    controlRoute('POST', '/troubles/:name/undo', (_, { name = '' }) => answer(troubles.undo(name))),
    controlRoute('POST', '/troubles/:name/human', (_, { name = '' }) => answer(troubles.actAsHuman(name))),
  ]
}
