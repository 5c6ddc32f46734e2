/** For tests: an account of the United States connected to the platform, whole, with a bank account for US dollars. */
import { addBankAccount } from '../connect/bank-accounts.ts'
import type { Bench } from '../test-bench.ts'

/** Returns the account's id. */
export function connectAccount({ keys, running: { world } }: Bench): string {
  return world.transaction(() => {
    const id = world.ids.id('acct', 16)
    const model = world.root.get('account', keys('Keystone').accountId)
    world.root.insert('account', id, {
      object: { ...model.object, id, controller: { type: 'application' } },
      hidden: { ...model.hidden, name: 'Connected Rooms', platform: keys('Rental').accountId },
    })
    addBankAccount(world.space(id, 'test'), {
      country: 'US',
      currency: 'usd',
      accountNumber: '000123456789',
      routingNumber: '110000000',
      holderName: null,
      holderType: null,
    })
    return id
  })
}
