/**
 * Switch account (STR-25): the keys of another account take over, and the old one drains beside the new. Both happen in one transaction,
 * after the new keys were verified; until then everything works as before.
 */
import { saveCredentials } from '#connections'
import type { Scope } from '#kernel'
import { drain } from './drain.ts'
import type { DrainingGround } from './draining.ts'
import { letDrain } from './let-drain.ts'

type Input = Parameters<typeof saveCredentials>[1]['input']

export async function switchAccount(
  ground: DrainingGround,
  { scope, actor, input }: { readonly scope: Scope; readonly actor: string; readonly input: Input },
): ReturnType<typeof saveCredentials> {
  let replacedId: string | undefined
  const saved = await saveCredentials(ground, {
    scope,
    actor,
    input,
    countAutopayRenters: () => Promise.resolve(0),
    onSwitch: async (rows, { id }) => {
      await letDrain(rows, { connectionId: id, actor })
      replacedId = id
    },
  })
  if (saved.ok && replacedId) await drain(ground, scope, replacedId)
  return saved
}
