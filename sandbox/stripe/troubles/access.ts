/** Troubles with getting at Stripe at all: wrong keys (SBX-95), and an API that does not answer as it should (SBX-97). */
import { createKey } from '../objects/account.ts'
import type { World } from '../world/world.ts'
import type { Trouble, TroubleRecord } from './trouble.ts'

function keyState(world: World, { kept }: TroubleRecord, name: string): string {
  const key = world.root.find('key', String(kept[name]))
  return key === undefined ? 'gone' : key.object.state
}

function endKeys(world: World, { kept }: TroubleRecord): void {
  world.transaction(() => {
    for (const key of Object.values(kept)) {
      if (world.root.find('key', String(key)) !== undefined)
        world.root.update('key', String(key), { object: { state: 'revoked' } })
    }
  })
}

export const wrongKeys: Trouble = {
  number: 'SBX-95',
  name: 'wrong_keys',
  title: 'Unable to verify credentials',
  expect: 'Each of the eight wrong sets is refused with a text of its own. The good set is taken.',
  aims: 'any',
  variants: [],
  provoke({ world }, { account, mode }) {
    return world.transaction(() => {
      const revoked = createKey(world, { account, mode, kind: 'secret' }).key
      world.root.update('key', revoked, { object: { state: 'revoked' } })
      const thin = createKey(world, { account, mode, kind: 'restricted', permissions: ['balance_read'] }).key
      return { revoked, thin }
    })
  },
  undo: ({ world }, record) => endKeys(world, record),
  read: ({ world }, record) => [
    ['Revoked secret key', keyState(world, record, 'revoked')],
    ['Restricted key that may only read the balance', keyState(world, record, 'thin')],
  ],
}

const outages: Readonly<Record<string, string | Readonly<Record<string, unknown>>>> = {
  refused: 'drop_before',
  hang: 'hang',
  gateway: 'html_502',
  no_error: { kind: 'no_error_key', status: 404 },
}

export const connectionFailed: Trouble = {
  number: 'SBX-97',
  name: 'connection_failed',
  title: 'Connection test failed',
  expect: 'Test Connection fails in words within its time limit; after Undo the next test passes by itself.',
  aims: 'nobody',
  variants: [
    { value: 'refused', label: 'The connection is cut' },
    { value: 'hang', label: 'Nothing ever answers' },
    { value: 'gateway', label: 'A gateway answers with HTML' },
    { value: 'no_error', label: 'A refusal without the word error' },
  ],
  provoke: ({ faults }, { variant }) => ({
    fault: faults.arm({ where: 'api', effect: outages[variant] ?? 'drop_before', until: 'PT10M' }).id,
  }),
  undo: ({ faults }, { kept }) => void faults.clear(String(kept['fault'])),
  read({ faults }, { kept }) {
    const fault = faults.list().find(({ id }) => id === kept['fault'])
    return [['Fault', fault === undefined ? 'over' : `armed, struck ${fault.hits} times`]]
  },
}
