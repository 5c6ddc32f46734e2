/**
 * Every change of an account runs through here: what was, is compared with what has become of it, and each difference is
 * told once. So there is no event without a change and no change without its event.
 */
import type Stripe from 'stripe'
import { emit } from '../../objects/event.ts'
import type { Kind } from '../../world/kinds.ts'
import type { Space } from '../../world/space.ts'
import { describeBalanceSettings } from '../../payouts/settings.ts'
import { presentAccount } from '../connection.ts'
import { assess } from './assessment.ts'
import { accountOf } from './provided.ts'

type Objects = ReadonlyMap<string, object>

interface Snapshot {
  readonly account: Stripe.Account
  readonly settings: Stripe.BalanceSettings
  readonly people: Objects
  readonly banks: Objects
  readonly capabilities: Objects
}

/** Does `work`, finds out what follows for the account, and emits what changed, all in the account's own space. */
export function changeAccount<T>(space: Space, work: () => T): T {
  const before = take(space)
  const result = work()
  assess(space)
  tell(space, before)
  return result
}

/** The same for an account that was made just now: its people and bank accounts are news, the account itself is not. */
export function introduceAccount(space: Space, work: () => void): void {
  work()
  assess(space)
  const now = take(space)
  tell(space, { ...now, people: new Map(), banks: new Map() })
}

function take(space: Space): Snapshot {
  const objectsOf = (kind: Kind): Objects =>
    new Map([...space.oldestFirst(kind)].map((row) => [row.id, row.object as object]))
  return {
    account: presentAccount(space, accountOf(space)),
    settings: describeBalanceSettings(space),
    people: objectsOf('person'),
    banks: objectsOf('external_account'),
    capabilities: objectsOf('capability'),
  }
}

function tell(space: Space, before: Snapshot): void {
  const now = take(space)
  tellObjects(space, 'person', [before.people, now.people])
  tellObjects(space, 'account.external_account', [before.banks, now.banks])
  for (const [id, object] of now.capabilities) {
    const old = before.capabilities.get(id)
    if (isSame(old, object)) continue
    emit(space, { type: 'capability.updated', object, before: old })
  }
  if (!isSame(before.account, now.account))
    emit(space, { type: 'account.updated', object: now.account, before: before.account })
  if (!isSame(before.settings, now.settings))
    emit(space, { type: 'balance_settings.updated', object: now.settings, before: before.settings })
}

function tellObjects(space: Space, name: string, [before, now]: readonly [Objects, Objects]): void {
  for (const [id, object] of before) {
    if (!now.has(id)) emit(space, { type: `${name}.deleted`, object })
  }
  for (const [id, object] of now) {
    const old = before.get(id)
    if (old === undefined) emit(space, { type: `${name}.created`, object })
    else if (!isSame(old, object)) emit(space, { type: `${name}.updated`, object, before: old })
  }
}

function isSame(one: object | undefined, other: object): boolean {
  return one !== undefined && JSON.stringify(one) === JSON.stringify(other)
}
