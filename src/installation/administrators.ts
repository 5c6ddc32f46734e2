/**
 * Who runs the installation (TRU-90; docs/decisions/0029): the people RENTROLL_ADMINS names, once they have confirmed their address; without
 * it, on an installation with one operator, the first owner of that one. What surprises: where several operators stand and nobody is named,
 * nobody runs it, so that signing up can never make an administrator. With the sandboxes on there is nothing to guard, and the first
 * operator's owner always does.
 */
import { findFirstOwner, findUser, listOperatorRegister } from '#operators'
import type { Database } from '#platform'

export type AdministratorGround = {
  readonly database: Database
  /** Of RENTROLL_ADMINS, in small letters. */
  readonly administrators: readonly string[]
  readonly isSandboxOn: boolean
}

/** The addresses of those who run it and can sign in. */
export async function listAdministrators(ground: AdministratorGround): Promise<readonly string[]> {
  const { database, administrators, isSandboxOn } = ground
  if (administrators.length > 0) {
    const people = await Promise.all(administrators.map((email) => findUser(database, { email })))
    return people.flatMap((person) => (person ? [person.email] : []))
  }
  const [first, ...others] = await listOperatorRegister(database)
  if (!first || (others.length > 0 && !isSandboxOn)) return []
  const owner = await findFirstOwner(database, first.id)
  return owner ? [owner.email] : []
}

export async function isAdministrator(
  ground: AdministratorGround,
  person: { readonly email: string },
): Promise<boolean> {
  return (await listAdministrators(ground)).includes(person.email)
}
