/**
 * The operator a newcomer looks around in: sandbox mode on loopback only, one click and no password. It is made once; whatever was
 * changed in it stays. What surprises: its person has a password all the same, drawn from the installation's own key, because whoever
 * changes something secret is asked for one (TRU-78); it is shown to them where the button is shown, until they choose another.
 */
import { inScope, newId } from '#platform'
import type { People } from './people.ts'
import { noteSignIn, openSession, type Cookies, type Visit } from './sign-in.ts'
import { openOperator } from './sign-up.ts'
import { findPasswordHash, findUser, insertAccount, insertPerson, listRoles } from './people-store.ts'
import { addTaxRate, listTaxRates } from './tax-rates.ts'

const email = 'owner@harbour-desks.example'
const demo = {
  slug: 'harbour-desks',
  name: 'Harbour Desks',
  country: 'AU',
  currency: 'AUD',
  timeZone: 'Australia/Sydney',
} as const

/** @returns the demo operator, or undefined when somebody else's workspace has its address. Safe to repeat. */
export async function makeDemoOperator(
  people: People,
): Promise<{ readonly operatorId: string; readonly slug: string } | undefined> {
  const { database, clock } = people
  const user = { id: newId(clock), name: 'Demo owner', email }
  await insertPerson(database, { user, operatorId: newId(clock), role: 'owner', at: clock.now() })
  await ensurePassword(people)
  const operatorId = await findDemoOperator(people)
  if (operatorId === undefined || !(await openOperator(people, { id: operatorId, ...demo }))) return undefined
  await inScope(database, { operatorId, mode: 'test' }, async (rows) => {
    if ((await listTaxRates(rows)).length === 0)
      await addTaxRate(rows, { name: 'GST', percent: '10', treatment: 'taxable' })
  })
  return { operatorId, slug: demo.slug }
}

async function ensurePassword({ database, clock, hashing, demoPassword }: People): Promise<void> {
  const person = await findUser(database, { email })
  if (!person || (await findPasswordHash(database, person.id)) !== undefined) return
  const password = await hashing.hash(demoPassword)
  await insertAccount(database, { id: newId(clock), userId: person.id, password, at: clock.now() })
}

/** Undefined for everybody else, and after the person chose another. The caller has made sure of sandbox mode and loopback. */
export async function findDemoPassword(
  { database, hashing, demoPassword }: People,
  { person }: Visit,
): Promise<string | undefined> {
  if (person.email !== email) return undefined
  const kept = await findPasswordHash(database, person.id)
  return kept !== undefined && (await hashing.isMatch(demoPassword, kept)) ? demoPassword : undefined
}

async function findDemoOperator({ database }: People): Promise<string | undefined> {
  const person = await findUser(database, { email })
  return person && [...(await listRoles(database, person.id)).keys()][0]
}

/** @returns undefined when the demo operator was never made. The caller has made sure of sandbox mode and loopback. */
export async function signInToDemo(
  people: People,
): Promise<{ readonly slug: string; readonly cookies: Cookies } | undefined> {
  const person = await findUser(people.database, { email })
  if (!person) return undefined
  const cookies = await openSession(people, person.id, 'demo')
  await noteSignIn(people, person, 'session.signed_in')
  return { slug: demo.slug, cookies }
}
