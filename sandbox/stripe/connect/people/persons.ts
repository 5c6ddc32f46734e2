/** The people of a company over the API: who represents, owns, directs it. */
import { refuse } from '../../errors.ts'
import { getByPath } from '../../parts/reference.ts'
import { listPage, pagination } from '../../protocol/lists.ts'
import { operation, plain, shown } from '../../protocol/operation.ts'
import type { ObjectModule } from '../../protocol/operation.ts'
import type { Row } from '../../world/kinds.ts'
import type { Space } from '../../world/space.ts'
import { getTargetSpace, getWritableSpace } from '../connection.ts'
import { addPerson, changePerson, personShape, roleFilter, unbuiltOfPersons } from './person-parameters.ts'
import type { PersonGiven } from './person-parameters.ts'
import { changeAccount } from '../requirements/change.ts'
import { findRepresentative } from '../requirements/provided.ts'

const path = '/v1/accounts/:account/persons'

/** Throws StripeRefusal when the account has a representative already: there is one only. */
function checkRoles(space: Space, given: PersonGiven, id?: string): void {
  const other = findRepresentative(space)
  if (given.relationship?.representative !== true || other === undefined || other.id === id) return
  throw refuse('There is already a representative for this account. An account can have one representative only.', {
    param: 'relationship[representative]',
  })
}

function hasRoles(person: Row<'person'>, wanted: Readonly<Record<string, boolean | undefined>>): boolean {
  const held = person.object.relationship as unknown as Readonly<Record<string, unknown>>
  return Object.entries(wanted).every(([role, value]) => value === undefined || held[role] === value)
}

export const persons: ObjectModule = {
  prefixes: { person: 'person' },
  operations: [
    operation({
      method: 'POST',
      path,
      permission: 'accounts_kyc_basic_write',
      parameters: personShape,
      unsupported: unbuiltOfPersons,
      run(call) {
        const space = getWritableSpace(call, ['person'])
        checkRoles(space, call.params)
        const id = changeAccount(space, () => changePerson(space, addPerson(space).id, call.params).id)
        return shown(space.get('person', id))
      },
    }),
    operation({
      method: 'GET',
      path,
      permission: 'accounts_kyc_basic_read',
      parameters: { ...pagination, relationship: roleFilter },
      run(call) {
        const space = getTargetSpace(call)
        const url = `/v1/accounts/${space.accountId}/persons`
        const wanted = call.params.relationship ?? {}
        return listPage({ ...call, space }, { kind: 'person', url, where: (row) => hasRoles(row, wanted) })
      },
    }),
    operation({
      method: 'GET',
      path: `${path}/:id`,
      permission: 'accounts_kyc_basic_read',
      parameters: {},
      run: (call) => shown(getByPath({ ...call, space: getTargetSpace(call) }, 'person')),
    }),
    operation({
      method: 'POST',
      path: `${path}/:id`,
      permission: 'accounts_kyc_basic_write',
      parameters: personShape,
      unsupported: unbuiltOfPersons,
      run(call) {
        const space = getWritableSpace(call, ['person'])
        const { id } = getByPath({ ...call, space }, 'person')
        checkRoles(space, call.params, id)
        changeAccount(space, () => changePerson(space, id, call.params))
        return shown(space.get('person', id))
      },
    }),
    operation({
      method: 'DELETE',
      path: `${path}/:id`,
      permission: 'accounts_kyc_basic_write',
      parameters: {},
      run(call) {
        const space = getWritableSpace(call, ['person'])
        const { id, object } = getByPath({ ...call, space }, 'person')
        if (object.relationship?.representative === true)
          throw refuse('You cannot delete the representative of an account.', { param: 'person' })
        changeAccount(space, () => space.remove('person', id))
        return plain({ id, object: 'person', deleted: true })
      },
    }),
  ],
}
