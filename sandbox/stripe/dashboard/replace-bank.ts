/** A new bank account in the place of the default of its currency, as "Replace" in Stripe's dashboard does it (SBX-25). */
import { addBankAccount, findDefaultBank } from '../connect/bank-accounts.ts'
import type { NewBankAccount } from '../connect/bank-accounts.ts'
import { changeAccount } from '../connect/requirements/change.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'

/** Tells of both, the one that came and the one that went. To be called inside a transaction. */
export function replaceBankAccount(space: Space, wish: NewBankAccount): Row<'external_account'> {
  return changeAccount(space, () => {
    const before = findDefaultBank(space, wish.currency)
    const row = addBankAccount(space, { ...wish, isDefault: true })
    if (before !== undefined) space.remove('external_account', before.id)
    return row
  })
}
