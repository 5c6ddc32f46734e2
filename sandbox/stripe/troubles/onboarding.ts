/** Troubles with the onboarding of a connected account: stuck half-way (SBX-90), and blocked on its directors (SBX-93). */
import { concludeOnboarding } from '../connect/requirements/scripts.ts'
import { ControlRefused } from '../control-input.ts'
import type { World } from '../world/world.ts'
import type { Reading, Trouble, TroubleRecord } from './trouble.ts'

function conclude(world: World, { account, mode }: Pick<TroubleRecord, 'account' | 'mode'>, script: Script): void {
  world.transaction(() => concludeOnboarding(world.space(account, mode), script))
}

type Script = Parameters<typeof concludeOnboarding>[1]

function readAccount(world: World, { account }: TroubleRecord): readonly Reading[] {
  const object = world.root.find('account', account)?.object
  if (object === undefined) return [['Account', 'has left']]
  const due = [...(object.requirements?.past_due ?? []), ...(object.requirements?.currently_due ?? [])]
  return [
    ['Details submitted', object.details_submitted ? 'yes' : 'no'],
    ['Charges', object.charges_enabled ? 'on' : 'off'],
    ['Payouts', object.payouts_enabled ? 'on' : 'off'],
    ['Due', due.length === 0 ? 'nothing' : [...new Set(due)].join(', ')],
  ]
}

const human = {
  label: 'Fill in the form as the owner would',
  act: ({ world }: { world: World }, record: TroubleRecord) => conclude(world, record, 'complete'),
}

export const stuckInPending: Trouble = {
  number: 'SBX-90',
  name: 'stuck_in_pending',
  title: "Connect account stuck in 'pending'",
  expect: 'Half an hour later the product says that onboarding is stuck, and offers "Resume onboarding".',
  aims: 'connected',
  variants: [],
  provoke({ world }, aim) {
    if (world.root.get('account', aim.account).object.details_submitted)
      throw new ControlRefused(
        'This account has finished onboarding. Begin another one in the product, then provoke again.',
      )
    conclude(world, aim, 'saved_for_later')
    return {}
  },
  undo: ({ world }, record) => conclude(world, record, 'complete'),
  human,
  steps: () => [{ label: 'Turn the clock by 31 minutes', twin: '/clock', json: { advance: 'PT31M', wait: false } }],
  read: ({ world }, record) => readAccount(world, record),
}

export const directorsMissing: Trouble = {
  number: 'SBX-93',
  name: 'directors_missing',
  title: 'Connect onboarding blocked on director details',
  expect: 'The product names the directors as what is missing and sends one mail with a link to the form.',
  aims: 'connected',
  variants: [],
  provoke({ world }, aim) {
    conclude(world, aim, 'directors_missing')
    return {}
  },
  undo: ({ world }, record) => conclude(world, record, 'complete'),
  human,
  read: ({ world }, record) => readAccount(world, record),
}
