/**
 * Proving once more who is there, before anything secret is shown or changed (TRU-78). A session remembers how and when its person last
 * did; five minutes of the application's time are enough for what goes together. Today there is one way, the password. A second factor is
 * a line in `stepUpMethods`, a row in `auth.session_proofs` and its own check here; screens ask for whatever the list names (TRU-74).
 */
import { done, type Outcome } from '#kernel'
import { recordAttempt, recordSuccess } from './attempts.ts'
import { HashingBusy } from './passwords.ts'
import type { People } from './people.ts'
import { findLastProof, findPasswordHash, saveProof } from './people-store.ts'
import { refuse } from './problems.ts'
import { noteSignIn, warnOwner, type Cookies, type Visit } from './sign-in.ts'

export const stepUpMethods = ['password'] as const
export type StepUpMethod = (typeof stepUpMethods)[number]

const freshMs = 5 * 60_000

/** By which means this person can prove who they are; without a password, by none until they set one by mail. */
export async function listStepUpMethods({ database }: People, { person }: Visit): Promise<StepUpMethod[]> {
  return (await findPasswordHash(database, person.id)) === undefined ? [] : [...stepUpMethods]
}

/** Until when the last proof in this session counts; undefined when it does not any more, or lies ahead because time was turned. */
export async function findProofEnd({ database, clock }: People, { sessionId }: Visit): Promise<Date | undefined> {
  const provenAt = await findLastProof(database, sessionId)
  if (!provenAt) return undefined
  const age = clock.now().getTime() - provenAt.getTime()
  return age >= 0 && age < freshMs ? new Date(provenAt.getTime() + freshMs) : undefined
}

export type StepUp = { readonly password: string; readonly headers: Headers; readonly address: string }

/**
 * Counts failures like a sign-in (TRU-77). @returns the cookies of the same session under a new token; the one before works no more
 * (TRU-75).
 */
export async function proveAgain(
  people: People,
  visit: Visit,
  { password, headers, address }: StepUp,
): Promise<Outcome<{ readonly cookies: Cookies; readonly endsAt: Date }>> {
  const { database, clock } = people
  const { person } = visit
  const attempt = await recordAttempt(people, { email: person.email, address })
  if (!attempt.ok) return attempt
  const kept = await findPasswordHash(database, person.id)
  const isRight = kept === undefined ? false : await isMatch(people, password, kept)
  if (isRight === 'busy') return refuse('passwords_busy')
  if (!isRight) {
    await warnOwner(people, person.email, attempt.value)
    return refuse('wrong_password', '/password')
  }
  await recordSuccess(people, { email: person.email, address })
  const renewed = await people.sessions.api.renewSession({ headers, returnHeaders: true })
  if (!renewed.response) return refuse('session_ended')
  const at = clock.now()
  await saveProof(database, { token: renewed.response.token, method: 'password', at })
  await noteSignIn(people, person, 'session.proven_again')
  return done({ cookies: renewed.headers.getSetCookie(), endsAt: new Date(at.getTime() + freshMs) })
}

async function isMatch({ hashing }: People, password: string, kept: string): Promise<boolean | 'busy'> {
  try {
    return await hashing.isMatch(password, kept)
  } catch (error) {
    if (error instanceof HashingBusy) return 'busy'
    throw error
  }
}
