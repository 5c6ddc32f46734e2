/**
 * Signing in and out, and who is behind a request. A known and an unknown address get the same answer after the same work (TRU-71):
 * the password of nobody is hashed just as well.
 */
import { APIError } from 'better-auth/api'
import { noteAlone, type AuditNote } from '#audit'
import { done, type Outcome } from '#kernel'
import { recordAttempt, recordSuccess } from './attempts.ts'
import { manyFailuresLetter } from './mails.ts'
import { HashingBusy } from './passwords.ts'
import { absoluteMs, type People } from './people.ts'
import type { Role } from './permissions.ts'
import { refuse } from './problems.ts'
import {
  findOperator,
  findUser,
  listOperators,
  listRoles,
  saveProof,
  type OperatorRow,
  type ProofMethod,
  type UserRow,
} from './people-store.ts'

/** Values for `Set-Cookie`. */
export type Cookies = readonly string[]

/** @param address the peer's network address; attempts are counted by it as well. @returns the session and where the person works. */
export async function signIn(
  people: People,
  { email: typed, password, address }: { readonly email: string; readonly password: string; readonly address: string },
): Promise<Outcome<{ readonly cookies: Cookies; readonly slug: string | null }>> {
  const email = typed.trim().toLowerCase()
  const attempt = await recordAttempt(people, { email, address })
  if (!attempt.ok) return attempt
  try {
    const { headers, response } = await people.sessions.api.signInEmail({
      body: { email, password },
      returnHeaders: true,
    })
    await recordSuccess(people, { email, address })
    await saveProof(people.database, { token: response.token, method: 'password', at: people.clock.now() })
    await noteSignIn(people, response.user, 'session.signed_in')
    const [first] = await listWorkplaces(people, response.user.id)
    return done({ cookies: headers.getSetCookie(), slug: first?.operator.slug ?? null })
  } catch (error) {
    if (isBusy(error)) return refuse('passwords_busy')
    if (!(error instanceof APIError) || error.statusCode >= 500) throw error
    await warnOwner(people, email, attempt.value)
    return refuse('sign_in_refused')
  }
}

/** The library may wrap what our hashing throws. */
export function isBusy(error: unknown): boolean {
  return error instanceof HashingBusy || (error instanceof Error && error.cause instanceof HashingBusy)
}

/** After ten failures in a row the person is told, and so is the audit log of where they work (TRU-77). */
export async function warnOwner(people: People, email: string, failures: number): Promise<void> {
  const person = failures === 10 ? await findUser(people.database, { email }) : undefined
  if (!person) return
  people.post(manyFailuresLetter(email, `${people.publicUrl}/forgot-password`))
  await noteSignIn(people, person, 'session.many_failures')
}

/** Opens a session for a person who has proved who they are in another way than by signing in. */
export async function openSession(people: People, userId: string, method: ProofMethod): Promise<Cookies> {
  const { headers, response } = await people.sessions.api.openSession({ body: { userId }, returnHeaders: true })
  await saveProof(people.database, { token: response.token, method, at: people.clock.now() })
  return headers.getSetCookie()
}

/** Ends the session of these headers, if there is one. */
export async function signOut(people: People, headers: Headers): Promise<Cookies> {
  const answer = await people.sessions.api.signOut({ headers, returnHeaders: true })
  return answer.headers.getSetCookie()
}

export type Visit = {
  readonly person: { readonly id: string; readonly name: string; readonly email: string }
  readonly sessionId: string
  /** To be sent along: the cookie's life is extended from time to time. */
  readonly cookies: Cookies
}

/**
 * Who these headers belong to. Undefined without a session, after 12 hours without use, and 7 days after signing in (TRU-75).
 * @param use `unattended` for what a page does by itself: it does not count as use.
 */
export async function findVisit(
  people: People,
  headers: Headers,
  use: 'attended' | 'unattended' = 'attended',
): Promise<Visit | undefined> {
  const query = { disableRefresh: use === 'unattended' }
  const answer = await people.sessions.api.getSession({ headers, query, returnHeaders: true })
  const found = answer.response
  if (!found) return undefined
  const { id, name, email } = found.user
  const endsAt = found.session.createdAt.getTime() + absoluteMs
  if (endsAt <= people.clock.wallTimeOf(people.clock.now()).getTime()) {
    await signOut(people, headers)
    return undefined
  }
  return { person: { id, name, email }, sessionId: found.session.id, cookies: answer.headers.getSetCookie() }
}

/** Events of signing in stand in the audit log of every workspace of the person (TRU-95). */
export function noteSignIn(people: People, user: Pick<UserRow, 'id' | 'name'>, action: string): Promise<void> {
  return noteOfPerson(people, user, { action, object: { kind: 'person', id: user.id } })
}

export type PersonalNote = Pick<AuditNote, 'action' | 'object' | 'after'>

/** For what a person does outside every operator: an entry in each workspace of theirs. */
export async function noteOfPerson(
  people: People,
  { id, name }: Pick<UserRow, 'id' | 'name'>,
  note: PersonalNote,
): Promise<void> {
  for (const operatorId of (await listRoles(people.database, id)).keys())
    await noteAlone(people.database, { operatorId, mode: 'test' }, { ...note, actor: { kind: 'person', id, name } })
}

/** The workspace at a slug and the person's role in it; undefined when it does not exist or they do not work there. */
export async function findWorkplace(
  people: People,
  userId: string,
  slug: string,
): Promise<{ readonly operator: OperatorRow; readonly role: Role } | undefined> {
  const operator = await findOperator(people.database, slug)
  const role = operator && (await listRoles(people.database, userId)).get(operator.id)
  return operator && role && { operator, role }
}

export async function listWorkplaces(
  people: People,
  userId: string,
): Promise<readonly { readonly operator: OperatorRow; readonly role: Role }[]> {
  const roles = await listRoles(people.database, userId)
  const operators = await listOperators(people.database, [...roles.keys()])
  return operators.flatMap((operator) => {
    const role = roles.get(operator.id)
    return role ? [{ operator, role }] : []
  })
}
