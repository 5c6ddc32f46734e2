/**
 * A forgotten or a changed password. Asking for a link answers the same whether the address is known, and writes the same row. A new
 * password ends every other session of the person at once (TRU-76).
 */
import { APIError } from 'better-auth/api'
import { done, type Outcome } from '#kernel'
import { newId, newToken, tokenHash } from '#platform'
import { forgiveAccount, recordAttempt, recordSuccess } from './attempts.ts'
import { passwordChangedLetter, resetLetter } from './mails.ts'
import { judgePassword } from './passwords.ts'
import type { People } from './people.ts'
import { refuse } from './problems.ts'
import { isBusy, noteSignIn, warnOwner, type Cookies, type Visit } from './sign-in.ts'
import { hashPassword, judgeLink, linkLifeMs } from './sign-up.ts'
import { countLinks, findLink, findUser, replaceLink, saveProof, updatePasswordByLink } from './people-store.ts'

const linksPerHour = 5

export async function requestPasswordReset(people: People, typed: string): Promise<void> {
  const { database, clock } = people
  const email = typed.trim().toLowerCase()
  const token = newToken()
  const createdAt = clock.now()
  const user = await findUser(database, { email })
  const isWithinLimit = (await countLinks(database, email, new Date(createdAt.getTime() - 3_600_000))) < linksPerHour
  // Beyond the limit nothing is written, for a known address or not: otherwise asking again would end the link that was mailed.
  if (!isWithinLimit) return
  await replaceLink(database, {
    tokenHash: tokenHash(token),
    purpose: 'reset_password',
    email,
    userId: user?.id ?? newId(clock),
    operatorId: null,
    name: null,
    slug: null,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + linkLifeMs),
    usedAt: user === undefined ? createdAt : null,
  })
  if (user !== undefined) people.post(resetLetter(email, `${people.publicUrl}/reset-password/${token}`))
}

export async function resetPassword(
  people: People,
  { token, password }: { readonly token: string; readonly password: string },
): Promise<Outcome<undefined>> {
  const { database, clock } = people
  const link = await findLink(database, tokenHash(token), 'reset_password')
  const refusal = judgeLink(link, clock.now())
  if (refusal || !link) return refusal ?? refuse('link_spent')
  const user = await findUser(database, { id: link.userId })
  if (!user) return refuse('link_spent')
  const weakness = judgePassword(password, user)
  if (weakness) return weakness
  const hash = await hashPassword(people, password)
  if (!hash.ok) return hash
  if (!(await updatePasswordByLink(database, link, { hash: hash.value, at: clock.now() }))) return refuse('link_spent')
  await forgiveAccount(database, user.email)
  people.post(passwordChangedLetter(user.email))
  await noteSignIn(people, user, 'person.password_reset')
  return done(undefined)
}

export type PasswordChange = {
  readonly present: string
  readonly wanted: string
  readonly headers: Headers
  readonly address: string
}

/** Changes the password of the person behind the headers. @returns the cookies of a fresh session; all others have ended. */
export async function changePassword(
  people: People,
  { person }: Visit,
  change: PasswordChange,
): Promise<Outcome<{ readonly cookies: Cookies }>> {
  const weakness = judgePassword(change.wanted, person)
  if (weakness) return weakness
  const attempt = await recordAttempt(people, { email: person.email, address: change.address })
  if (!attempt.ok) return attempt
  try {
    const body = { currentPassword: change.present, newPassword: change.wanted, revokeOtherSessions: true }
    const sent = { body, headers: change.headers, returnHeaders: true } as const
    const { headers, response } = await people.sessions.api.changePassword(sent)
    await recordSuccess(people, { email: person.email, address: change.address })
    if (response.token !== null)
      await saveProof(people.database, { token: response.token, method: 'password', at: people.clock.now() })
    people.post(passwordChangedLetter(person.email))
    await noteSignIn(people, person, 'person.password_changed')
    return done({ cookies: headers.getSetCookie() })
  } catch (error) {
    if (isBusy(error)) return refuse('passwords_busy')
    if (!(error instanceof APIError) || error.statusCode >= 500) throw error
    await warnOwner(people, person.email, attempt.value)
    return refuse('wrong_password', '/present')
  }
}
