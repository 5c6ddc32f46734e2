/**
 * Signing up (TRU-70, TRU-71). Asking for a link says nothing about whether the address is known and does the same work either way.
 * Only the confirmation by POST creates anything, because mail scanners follow links; it can be repeated after a crash, since the ids
 * of person and operator were drawn with the link.
 */
import { done, type Outcome } from '#kernel'
import { inScope, newId, newToken, tokenHash } from '#platform'
import { judgePlace, type Place } from './company.ts'
import { knownAddressLetter, signUpLetter } from './mails.ts'
import { judgePassword } from './passwords.ts'
import type { People } from './people.ts'
import { refuse } from './problems.ts'
import { isBusy, openSession, type Cookies } from './sign-in.ts'
import { countLinks, findLink, findOperator, findUser, insertPerson, replaceLink, type Link } from './people-store.ts'
import { insertOperator } from './store.ts'

export const linkLifeMs = 10 * 60_000
const linksPerHour = 5

export type SignUpForm = { readonly name: string; readonly email: string; readonly slug: string }

/** Mails a link. A slug is public, so a taken one is told; whether the address is known is not. */
export async function requestSignUp(
  people: People,
  { name, email: typed, slug }: SignUpForm,
): Promise<Outcome<undefined>> {
  const { database, clock } = people
  const email = typed.trim().toLowerCase()
  if (await findOperator(database, slug)) return refuse('slug_taken', '/slug')
  const token = newToken()
  const createdAt = clock.now()
  const isKnown = (await findUser(database, { email })) !== undefined
  const isWithinLimit = (await countLinks(database, email, new Date(createdAt.getTime() - 3_600_000))) < linksPerHour
  // Beyond the limit nothing is written: otherwise asking again and again would end the link that was mailed.
  if (!isWithinLimit) return done(undefined)
  await replaceLink(database, {
    tokenHash: tokenHash(token),
    purpose: 'sign_up',
    email,
    userId: newId(clock),
    operatorId: newId(clock),
    name,
    slug,
    createdAt,
    expiresAt: new Date(createdAt.getTime() + linkLifeMs),
    usedAt: isKnown ? createdAt : null,
  })
  people.post(
    isKnown
      ? knownAddressLetter(email, `${people.publicUrl}/sign-in`)
      : signUpLetter(email, { name, url: `${people.publicUrl}/verify-email?token=${token}` }),
  )
  return done(undefined)
}

/** Mails a new link for a sign-up whose link ran out; what was entered is kept with the old one. Says nothing about the token. */
export async function repeatSignUp(people: People, token: string): Promise<Outcome<undefined>> {
  const link = await findLink(people.database, tokenHash(token), 'sign_up')
  if (!link || link.name === null || link.slug === null) return done(undefined)
  return requestSignUp(people, { name: link.name, email: link.email, slug: link.slug })
}

/** What a link that still works stands for, to be shown before the confirmation; reading it changes nothing. */
export async function findSignUp(people: People, token: string): Promise<Outcome<SignUpForm>> {
  const link = await findLink(people.database, tokenHash(token), 'sign_up')
  const refusal = judgeLink(link, people.clock.now())
  if (refusal || !link) return refusal ?? refuse('link_spent')
  return done({ name: link.name ?? '', email: link.email, slug: link.slug ?? '' })
}

export type Confirmation = Place & { readonly token: string; readonly password: string }

/** Creates the person, their operator with its settings and one location, and a session. */
export async function confirmSignUp(
  people: People,
  form: Confirmation,
): Promise<Outcome<{ readonly operatorId: string; readonly slug: string; readonly cookies: Cookies }>> {
  const link = await findLink(people.database, tokenHash(form.token), 'sign_up')
  const refusal = judgeLink(link, people.clock.now())
  if (refusal || !link) return refusal ?? refuse('link_spent')
  const { userId, operatorId, name, slug, email } = link
  if (operatorId === null || name === null || slug === null) return refuse('link_spent')
  const weakness = judgePassword(form.password, { name, email, slug }) ?? judgePlace(form)
  if (weakness) return weakness
  const password = await hashPassword(people, form.password)
  if (!password.ok) return password
  const { country, currency, timeZone } = form
  const isOpen = await openOperator(people, { id: operatorId, slug, name: titleOf(slug), country, currency, timeZone })
  if (!isOpen) return refuse('slug_taken', '/slug')
  const account = { id: newId(people.clock), password: password.value }
  const person = { user: { id: userId, name, email }, operatorId, role: 'owner', account } as const
  const isNew = await insertPerson(people.database, { ...person, tokenHash: link.tokenHash, at: people.clock.now() })
  return isNew
    ? done({ operatorId, slug, cookies: await openSession(people, userId, 'password') })
    : refuse('link_spent')
}

/** What the company is called until someone enters its name: `harbour-desks` is read as "Harbour Desks". */
function titleOf(slug: string): string {
  return slug
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(' ')
}

/** @returns the refusal when the link cannot be used at this instant. */
export function judgeLink(link: Link | undefined, now: Date): Outcome<never> | undefined {
  if (!link || link.usedAt) return refuse('link_spent')
  return link.expiresAt <= now ? refuse('link_expired') : undefined
}

export async function hashPassword(people: People, password: string): Promise<Outcome<string>> {
  try {
    return done(await people.hashing.hash(password))
  } catch (error) {
    if (isBusy(error)) return refuse('passwords_busy')
    throw error
  }
}

/** @returns false when another operator has the slug. Set-up rows carry no mode, so either one serves. */
export function openOperator(
  people: People,
  operator: Place & { readonly id: string; readonly slug: string; readonly name: string },
): Promise<boolean> {
  const scope = { operatorId: operator.id, mode: 'test' } as const
  return inScope(people.database, scope, (rows) =>
    insertOperator(rows, { ...operator, locationId: newId(people.clock) }),
  )
}
