/**
 * The operator a newcomer looks around in: sandbox mode on loopback only, one click and no password. It is made once; whatever was
 * changed in it stays.
 */
import { inScope, newId } from '#platform'
import type { People } from './people.ts'
import { openSession, type Cookies } from './sign-in.ts'
import { openOperator } from './sign-up.ts'
import { findUser, insertPerson, listRoles } from './people-store.ts'
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
  const operatorId = await findDemoOperator(people)
  if (operatorId === undefined || !(await openOperator(people, { id: operatorId, ...demo }))) return undefined
  await inScope(database, { operatorId, mode: 'test' }, async (rows) => {
    if ((await listTaxRates(rows)).length === 0)
      await addTaxRate(rows, { name: 'GST', percent: '10', treatment: 'taxable' })
  })
  return { operatorId, slug: demo.slug }
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
  return person && { slug: demo.slug, cookies: await openSession(people, person.id) }
}
