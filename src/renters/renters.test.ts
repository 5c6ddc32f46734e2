import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { PaymentMethodId } from '#kernel'
import { inScope, listFacts, newId, type ScopedHandle } from '#platform'
import { eachDatabase } from '#test/databases'
import { codeOf, valueOf } from '#test/rental'
import { createRenter } from './create-renter.ts'
import type { RenterDetails } from './details.ts'
import { makeDefault } from './make-default.ts'
import { billingName, methodLabel } from './renter.ts'
import { saveMethod } from './save-method.ts'
import { findDefaultMethod, getMethod, listMethods, markMethodUnusable } from './method-store.ts'
import { countRenters, findCustomerId, getRenter, listRenters, recordCustomerId } from './store.ts'
import { updateRenter } from './update-renter.ts'

test('UI-165: a method is called by its brand and last digits', () => {
  const label = (kind: string, brand: string, last4: string) => methodLabel({ kind, brand, last4 })
  expect([
    label('card', 'visa', '4242'),
    label('card', 'amex', '0005'),
    label('us_bank_account', '', '6789'),
    label('card', 'girocard', '1'),
  ]).toEqual(['Visa ••4242', 'American Express ••0005', 'Bank account ••6789', 'Girocard ••1'])
  expect([
    billingName({ name: 'Kim', businessName: 'Kim Ltd' }),
    billingName({ name: 'Kim', businessName: '' }),
  ]).toEqual(['Kim Ltd', 'Kim'])
})

eachDatabase('renters', {}, (ground) => {
  const kim: RenterDetails = { kind: 'person', name: ' Kim Park ', email: 'kim@desks.example' }
  const make = (rows: ScopedHandle, change: Partial<RenterDetails> = {}) =>
    createRenter(rows, { ...kim, ...change, actor: 'test' })
  const within = async <Result>(work: (rows: ScopedHandle) => Promise<Result>) => {
    const { scope } = await ground().makeOperator()
    return inScope(ground().database, scope, work)
  }
  // Methods belong to a connection; what it can do is not asked here.
  const connect = async (rows: ScopedHandle) => {
    const id = newId(rows.clock)
    const now = rows.clock.now()
    await rows
      .insertInto('app.connections')
      .values({
        operator_id: rows.scope.operatorId,
        mode: rows.scope.mode,
        id,
        kind: 'own_keys',
        state: 'connected',
        endpoint_token: id,
        created_at: now,
        updated_at: now,
      })
      .execute()
    return id
  }
  const card = (name: string) => ({
    id: `pm_${name}` as PaymentMethodId,
    kind: 'card',
    brand: 'visa',
    last4: '4242',
    expiresMonth: 8,
    expiresYear: 2030,
  })

  test('BIL-6: renters are numbered one after the other, also when several are added at once', async () => {
    const { scope } = await ground().makeOperator()
    const add = () => inScope(ground().database, scope, async (rows) => valueOf(await make(rows)))
    const made = await Promise.all([add(), add(), add()])
    expect(made.map(({ number }) => number).toSorted()).toEqual(['REN-01', 'REN-02', 'REN-03'])
    expect(made[0]).toMatchObject({ name: 'Kim Park', businessName: '', manualPaymentsAllowed: false, version: 1 })
    const facts = await inScope(ground().database, scope, (rows) => listFacts(rows, { renter: made[0]!.id }))
    expect(facts.map(({ name }) => name)).toEqual(['renter.created'])
  })

  test('BIL-6: a name is needed, of a company its business name, and an address that can be one', async () => {
    const codes = await within(async (rows) => [
      codeOf(await make(rows, { name: ' ' })),
      codeOf(await make(rows, { kind: 'company' })),
      codeOf(await make(rows, { email: 'kim at desks' })),
      codeOf(await make(rows, { kind: 'company', businessName: 'Kim Ltd' })),
    ])
    expect(codes).toEqual(['name_missing', 'business_name_missing', 'email_form', 'done'])
  })

  test('UI-18: the second of two who saved the same version is told, and nothing is lost', async () => {
    const seen = await within(async (rows) => {
      const { id: renterId } = valueOf(await make(rows))
      const first = await updateRenter(rows, { ...kim, renterId, version: 1, phone: '1' })
      const second = await updateRenter(rows, { ...kim, renterId, version: 1, phone: '2' })
      return { codes: [codeOf(first), codeOf(second)], renter: await getRenter(rows, renterId) }
    })
    expect(seen.codes).toEqual(['done', 'stale_renter'])
    expect(seen.renter).toMatchObject({ phone: '1', version: 2 })
  })

  test('UI-20: the list pages by id, searches in plain text and counts no further than asked', async () => {
    const seen = await within(async (rows) => {
      for (const name of ['Ann 100%', 'Bob', 'Cid']) valueOf(await make(rows, { name, email: '' }))
      const first = await listRenters(rows, { limit: 2 })
      const rest = await listRenters(rows, { limit: 2, after: first.at(-1)!.id })
      const found = await listRenters(rows, { text: '100%', limit: 9 })
      const counts = [
        await countRenters(rows, { text: '%' }),
        await countRenters(rows, {}),
        await countRenters(rows, {}, 2),
      ]
      return { names: [...first, ...rest].map(({ name }) => name), found: found.map(({ name }) => name), counts }
    })
    expect(seen.names.toSorted()).toEqual(['Ann 100%', 'Bob', 'Cid'])
    expect(seen.found).toEqual(['Ann 100%'])
    expect(seen.counts).toEqual([1, 3, 2])
  })

  test('BIL-8: a method reported twice is saved once; the first one becomes the default, a later one only when asked', async () => {
    const seen = await within(async (rows) => {
      const connectionId = await connect(rows)
      const { id: renterId } = valueOf(await make(rows))
      const save = (name: string, asDefault = false) =>
        saveMethod(rows, { renterId, connectionId, method: card(name), makeDefault: asDefault })
      const first = await save('one')
      const again = await save('one')
      const second = await save('two')
      const third = await save('three', true)
      const chosen = await findDefaultMethod(rows, { renterId, connectionId })
      return {
        first,
        again,
        second,
        third,
        chosen,
        methods: await listMethods(rows, renterId),
        facts: await listFacts(rows, { renter: renterId }),
      }
    })
    expect(seen.again).toEqual(seen.first)
    expect([seen.first.isDefault, seen.second.isDefault, seen.third.isDefault]).toEqual([true, false, true])
    expect(seen.chosen?.id).toBe(seen.third.id)
    expect(seen.methods.filter(({ isDefault }) => isDefault).map(({ id }) => id)).toEqual([seen.third.id])
    expect(seen.first).toMatchObject({ stripePaymentMethodId: 'pm_one', expiresMonth: 8, expiresYear: 2030 })
    expect(seen.facts.filter(({ name }) => name === 'method.saved')).toHaveLength(3)
  })

  test('STR-82: a method refused for good is not charged again, cannot be chosen, and the next one takes over', async () => {
    const seen = await within(async (rows) => {
      const connectionId = await connect(rows)
      const { id: renterId } = valueOf(await make(rows))
      const save = (name: string) =>
        saveMethod(rows, { renterId, connectionId, method: card(name), makeDefault: false })
      const first = await save('one')
      await markMethodUnusable(rows, { methodId: first.id, reason: 'The card was reported lost.' })
      const without = await findDefaultMethod(rows, { renterId, connectionId })
      const refused = await makeDefault(rows, first.id)
      const second = await save('two')
      const third = await save('three')
      const chosen = await makeDefault(rows, third.id)
      return {
        without,
        refused: codeOf(refused),
        second,
        chosen: codeOf(chosen),
        methods: await listMethods(rows, renterId),
      }
    })
    expect([seen.without, seen.refused, seen.second.isDefault, seen.chosen]).toEqual([
      undefined,
      'method_unusable',
      true,
      'done',
    ])
    expect(seen.methods.map(({ stripePaymentMethodId, isDefault }) => [stripePaymentMethodId, isDefault])).toEqual(
      expect.arrayContaining([
        ['pm_three', true],
        ['pm_two', false],
        ['pm_one', false],
      ]),
    )
  })

  test('STR-2: customers are kept per connection, and of two made at once one counts', async () => {
    const seen = await within(async (rows) => {
      const [connectionId, otherId] = [await connect(rows), randomUUID()]
      const { id: renterId } = valueOf(await make(rows))
      const first = await recordCustomerId(rows, { renterId, connectionId, customerId: 'cus_1' })
      const second = await recordCustomerId(rows, { renterId, connectionId, customerId: 'cus_2' })
      return [
        first,
        second,
        await findCustomerId(rows, { renterId, connectionId }),
        await findCustomerId(rows, { renterId, connectionId: otherId }),
      ]
    })
    expect(seen).toEqual(['cus_1', 'cus_1', 'cus_1', undefined])
  })

  test('L10: a renter of test mode is not there in live mode', async () => {
    const { scope } = await ground().makeOperator()
    const renter = await inScope(ground().database, scope, async (rows) => valueOf(await make(rows)))
    const live = inScope(ground().database, { ...scope, mode: 'live' }, (rows) => getRenter(rows, renter.id))
    await expect(live).rejects.toThrow('no result')
    await expect(inScope(ground().database, scope, (rows) => getMethod(rows, randomUUID()))).rejects.toThrow(
      'no result',
    )
  })
})
