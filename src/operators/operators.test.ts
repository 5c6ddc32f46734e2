import { describe, expect, test } from 'vitest'
import { createMailer, inScope, newId, newToken, secretBox, tokenHash, type Database } from '#platform'
import { eachDatabase, type TestGround } from '#test/databases'
import { networkOf } from './attempts.ts'
import { getCompany } from './company.ts'
import { makeDemoOperator, signInToDemo } from './demo-operator.ts'
import { createPeople } from './people.ts'
import { findVisit, signIn } from './sign-in.ts'
import { confirmSignUp, openOperator } from './sign-up.ts'
import { findOperator, replaceLink } from './people-store.ts'
import { listTaxRates } from './tax-rates.ts'

function peopleOf({ database, clock, logs, box }: TestGround, publicUrl = 'http://127.0.0.1:1') {
  return createPeople({
    database,
    clock,
    logs,
    box,
    publicUrl,
    mailer: createMailer({ from: 'Rentroll <billing@rentroll.test>' }),
  })
}

describe('networks', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['', ''],
  ])('TRU-112: %s belongs to the network %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})

eachDatabase('operators', {}, (ground) => {
  test('the demo operator is made once, with settings and a tax, and its owner signs in without a password', async () => {
    const people = peopleOf(ground())

    const [made, again] = [await makeDemoOperator(people), await makeDemoOperator(people)]
    const signedIn = await signInToDemo(people)

    expect(again).toEqual(made)
    const scope = { operatorId: made?.operatorId ?? '', mode: 'test' } as const
    const [company, rates] = await inScope(
      ground().database,
      scope,
      async (rows) => [await getCompany(rows), await listTaxRates(rows)] as const,
    )
    expect(company).toMatchObject({
      name: 'Harbour Desks',
      slug: 'harbour-desks',
      country: 'AU',
      currency: 'AUD',
      timeZone: 'Australia/Sydney',
    })
    expect(rates).toMatchObject([{ name: 'GST', percent: '10.0000', treatment: 'taxable' }])
    const cookie = (signedIn?.cookies[0] ?? '').split(';')[0] ?? ''
    expect((await findVisit(people, new Headers({ cookie })))?.person.name).toBe('Demo owner')
    expect((await signIn(people, { email: 'owner@harbour-desks.example', password: '', address: '' })).ok).toBe(false)
  })

  test('TRU-75: over https the cookie has the name that only https can set', async () => {
    const people = peopleOf(ground(), 'https://rentroll.example')
    await makeDemoOperator(people)

    const cookie = (await signInToDemo(people))?.cookies[0]

    expect(cookie).toMatch(/^__Host-rentroll=[^;]+; Max-Age=43200; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  })

  test('a cookie signed with another key is nobody', async () => {
    const people = peopleOf(ground())
    await makeDemoOperator(people)
    const cookie = (await signInToDemo(people))?.cookies[0]?.split(';')[0] ?? ''

    const stranger = peopleOf({ ...ground(), box: secretBox(Buffer.alloc(32, 7)) })

    expect(await findVisit(stranger, new Headers({ cookie }))).toBeUndefined()
    expect((await findVisit(people, new Headers({ cookie })))?.person.name).toBe('Demo owner')
  })

  test('TRU-77: a network may fail thirty times, whichever accounts it tries', async () => {
    const people = peopleOf(ground())
    const address = `2001:db8:${ground().kind === 'pglite' ? 'a' : 'b'}:${process.pid.toString(16).slice(-4)}::1`
    const guess = () =>
      signIn(people, { email: `${newId(ground().clock)}@example.test`, password: 'not the right one', address })

    const codes = []
    for (let count = 0; count < 31; count += 1) {
      const outcome = await guess()
      codes.push(outcome.ok ? 'signed in' : outcome.refusal.code)
    }

    expect(codes.slice(0, 30)).toEqual(Array.from({ length: 30 }, () => 'sign_in_refused'))
    expect(codes[30]).toBe('too_many_attempts')
  })

  test('a confirmation broken off after the operator was made is finished by repeating it', async () => {
    const people = peopleOf(ground())
    const { token, slug, operatorId } = await writeSignUp(ground().database)
    const place = { country: 'AU', currency: 'AUD', timeZone: 'Australia/Sydney' }

    await openOperator(people, { id: operatorId, slug, name: 'Broken', ...place })
    const repeated = await confirmSignUp(people, { token, password: 'forty-two green teapots', ...place })

    expect(repeated).toMatchObject({ ok: true, value: { slug } })
    expect((await findOperator(ground().database, slug))?.id).toBe(operatorId)
  })

  test('of two sign-ups with one slug the first to confirm gets it, and the other is told', async () => {
    const people = peopleOf(ground())
    const one = await writeSignUp(ground().database)
    const other = await writeSignUp(ground().database, one.slug)
    const form = { password: 'forty-two green teapots', country: 'AU', currency: 'AUD', timeZone: 'Australia/Sydney' }

    const [first, second] = [
      await confirmSignUp(people, { ...form, token: one.token }),
      await confirmSignUp(people, { ...form, token: other.token }),
    ]

    expect(first.ok).toBe(true)
    expect(second).toMatchObject({ ok: false, refusal: { code: 'slug_taken' } })
  })

  test('TRU-10: no token, password or cookie stands readable in the tables of people', async () => {
    const people = peopleOf(ground())
    const { token } = await writeSignUp(ground().database)
    const password = 'forty-two green teapots'
    const confirmed = await confirmSignUp(people, {
      token,
      password,
      country: 'AU',
      currency: 'AUD',
      timeZone: 'Australia/Sydney',
    })
    const cookie = confirmed.ok ? (/^[^=]+=([^;]+)/.exec(confirmed.value.cookies[0] ?? '')?.[1] ?? '') : ''

    const tables = ['users', 'sessions', 'accounts', 'memberships', 'links', 'sign_in_failures']
    const dump = JSON.stringify(
      await Promise.all(tables.map((table) => ground().database.auth.selectFrom(table).selectAll().execute())),
    )

    expect(cookie.length).toBeGreaterThan(43)
    expect([token, password, cookie, decodeURIComponent(cookie)].filter((secret) => dump.includes(secret))).toEqual([])
  })
})

async function writeSignUp(database: Database, wantedSlug?: string) {
  const { clock } = database
  const token = newToken()
  const operatorId = newId(clock)
  const slug = wantedSlug ?? `s-${operatorId.slice(-12)}`
  const now = clock.now()
  const times = { createdAt: now, expiresAt: new Date(now.getTime() + 60_000), usedAt: null }
  const person = { email: `${newId(clock)}@example.test`, userId: newId(clock), name: 'Ada Quill' }
  await replaceLink(database, {
    tokenHash: tokenHash(token),
    purpose: 'sign_up',
    operatorId,
    slug,
    ...person,
    ...times,
  })
  return { token, slug, operatorId }
}
