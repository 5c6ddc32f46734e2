import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, startBench } from '../../test-bench.ts'
import type { Bench } from '../../test-bench.ts'

let bench: Bench
let platform: Stripe

beforeAll(async () => {
  bench = await startBench()
  platform = bench.sdk('Rental')
})

afterAll(() => bench.close())

async function newAccount(): Promise<string> {
  return (await platform.accounts.create({ type: 'custom', country: 'AU', business_type: 'company' })).id
}

describe('SBX-45: persons', () => {
  test('a representative takes the place of "representative" in what is due; numbers are never shown', async () => {
    const account = await newAccount()

    const person = await platform.accounts.createPerson(account, {
      first_name: 'Ada',
      last_name: 'Ng',
      dob: { day: 2, month: 3, year: 1980 },
      id_number: '123456789',
      relationship: { representative: true, owner: true, percent_ownership: 60, title: 'CEO' },
      metadata: { local: '7' },
    })

    expect(person).toMatchObject({
      object: 'person',
      account,
      first_name: 'Ada',
      dob: { day: 2, month: 3, year: 1980 },
      id_number_provided: true,
      relationship: { representative: true, owner: true, director: false, percent_ownership: 60, title: 'CEO' },
      verification: { status: 'unverified' },
      metadata: { local: '7' },
    })
    expect(JSON.stringify(person)).not.toContain('123456789')
    expect(person.requirements?.currently_due).toStrictEqual([
      'address.city',
      'address.line1',
      'address.postal_code',
      'email',
      'phone',
    ])
    const { requirements } = await platform.accounts.retrieve(account)
    expect(requirements?.currently_due).toContain(`${person.id}.email`)
    expect(requirements?.currently_due?.some((one) => one.startsWith('representative.'))).toBe(false)
    expect((await bench.eventsOf(account)).map(({ type }) => type)).toStrictEqual(['person.created', 'account.updated'])
  })

  test('an update keeps what it does not name and tells what was', async () => {
    const account = await newAccount()
    const { id } = await platform.accounts.createPerson(account, { first_name: 'Ada', address: { city: 'Perth' } })

    const updated = await platform.accounts.updatePerson(account, id, {
      address: { line1: '1 Pier' },
      metadata: { a: 'b' },
    })

    expect(updated).toMatchObject({
      first_name: 'Ada',
      address: { city: 'Perth', line1: '1 Pier' },
      metadata: { a: 'b' },
    })
    const last = (await bench.eventsOf(account)).at(-1)
    expect(last).toMatchObject({ type: 'person.updated', data: { previous_attributes: { address: { line1: null } } } })
  })

  test('the list filters by role', async () => {
    const account = await newAccount()
    const make = (relationship: Stripe.AccountCreatePersonParams.Relationship): Promise<Stripe.Person> =>
      platform.accounts.createPerson(account, { relationship })
    const director = await make({ director: true })
    const owner = await make({ owner: true })
    const both = await make({ director: true, owner: true })

    const directors = await platform.accounts.listPersons(account, { relationship: { director: true } })
    const onlyOwners = await platform.accounts.listPersons(account, { relationship: { owner: true, director: false } })

    expect(directors.data.map(({ id }) => id)).toStrictEqual([both.id, director.id])
    expect(onlyOwners.data.map(({ id }) => id)).toStrictEqual([owner.id])
    expect(directors.url).toBe(`/v1/accounts/${account}/persons`)
  })

  test('anybody but the representative can go; there is one representative', async () => {
    const account = await newAccount()
    const first = await platform.accounts.createPerson(account, { relationship: { representative: true } })
    const other = await platform.accounts.createPerson(account, { relationship: { director: true } })

    const second = await refusalOf(platform.accounts.createPerson(account, { relationship: { representative: true } }))
    const kept = await refusalOf(platform.accounts.deletePerson(account, first.id))
    const deleted = await platform.accounts.deletePerson(account, other.id)

    expect(second).toMatchObject({ statusCode: 400, param: 'relationship[representative]' })
    expect(kept).toMatchObject({ statusCode: 400 })
    expect(deleted).toMatchObject({ id: other.id, object: 'person', deleted: true })
    expect((await bench.eventsOf(account)).at(-1)).toMatchObject({
      type: 'person.deleted',
      data: { object: { id: other.id } },
    })
    expect(await refusalOf(platform.accounts.retrievePerson(account, other.id))).toMatchObject({ statusCode: 404 })
  })

  test('the test documents verify or fail; any other file is unknown', async () => {
    const account = await newAccount()
    const { id } = await platform.accounts.createPerson(account, { first_name: 'Ada' })
    const show = async (front: string): Promise<Stripe.Person> =>
      platform.accounts.updatePerson(account, id, { verification: { document: { front } } })

    const bad = await show('file_identity_document_failure')
    const good = await show('file_identity_document_success')

    expect(bad.verification).toMatchObject({ status: 'unverified', details_code: 'document_not_readable' })
    expect(good.verification).toMatchObject({ status: 'verified', details_code: null })
    expect(await refusalOf(show('file_made_up'))).toMatchObject({ statusCode: 400, code: 'resource_missing' })
  })

  test('the individual who is the business is a person as well', async () => {
    const account = await platform.accounts.create({
      type: 'custom',
      country: 'US',
      business_type: 'individual',
      individual: { first_name: 'Ada', email: 'ada@example.com', ssn_last_4: '0000' },
    })

    const [person] = (await platform.accounts.listPersons(account.id)).data

    expect(account.individual).toMatchObject({ id: person?.id, first_name: 'Ada', ssn_last_4_provided: true })
    expect(account.requirements?.currently_due).toContain('individual.last_name')
    expect(account.requirements?.currently_due).not.toContain('individual.first_name')
  })

  test('hostile input is refused with its path', async () => {
    const account = await newAccount()
    const wrong: [Stripe.AccountCreatePersonParams, string][] = [
      [{ dob: { day: 32, month: 1, year: 1980 } }, 'dob[day]'],
      [{ dob: { day: 1, month: 1 } as Stripe.AccountCreatePersonParams.Dob & { year: number } }, 'dob[year]'],
      [{ email: 'nobody' }, 'email'],
      [{ relationship: { percent_ownership: 101 } }, 'relationship[percent_ownership]'],
      [{ relationship: { king: true } as object }, 'relationship[king]'],
      [{ first_name: 'x'.repeat(101) }, 'first_name'],
      [{ metadata: { ['k'.repeat(41)]: 'v' } }, 'metadata'],
    ]

    const refusals = await Promise.all(
      wrong.map(([given]) => refusalOf(platform.accounts.createPerson(account, given))),
    )

    expect(refusals.map(({ statusCode, param }) => [statusCode, param])).toStrictEqual(
      wrong.map(([, param]) => [400, param === 'metadata' ? `metadata[${'k'.repeat(41)}]` : param]),
    )
    expect((await platform.accounts.listPersons(account)).data).toStrictEqual([])
  })
})

describe('SBX-45: capabilities', () => {
  test('are requested, given up and told of', async () => {
    const account = await newAccount()

    const asked = await platform.accounts.updateCapability(account, 'au_becs_debit_payments', { requested: true })
    const list = await platform.accounts.listCapabilities(account)
    const dropped = await platform.accounts.updateCapability(account, 'au_becs_debit_payments', { requested: false })

    expect(asked).toMatchObject({
      object: 'capability',
      account,
      requested: true,
      requested_at: Math.floor(bench.clock.now().getTime() / 1000),
      status: 'inactive',
    })
    expect(asked.requirements?.currently_due).toContain('company.name')
    expect(list.data.map(({ id }) => id)).toStrictEqual(['au_becs_debit_payments'])
    expect(dropped).toMatchObject({ requested: false, requested_at: null, status: 'unrequested' })
    expect((await platform.accounts.retrieve(account)).capabilities).toStrictEqual({})
    expect((await bench.eventsOf(account)).map(({ type }) => type)).toStrictEqual([
      'capability.updated',
      'account.updated',
      'capability.updated',
      'account.updated',
    ])
  })

  test('a name Stripe does not have is not found', async () => {
    const account = await newAccount()

    expect(await refusalOf(platform.accounts.updateCapability(account, 'flying', { requested: true }))).toMatchObject({
      statusCode: 404,
      code: 'resource_missing',
    })
    expect(await refusalOf(platform.accounts.retrieveCapability(account, 'card_payments'))).toMatchObject({
      statusCode: 404,
    })
  })
})
