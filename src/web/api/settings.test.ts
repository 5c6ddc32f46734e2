import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApi, type SignedUp, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'
import { inScope } from '#platform'

eachDatabase('settings', {}, (ground) => {
  let api: TestApi
  let owner: SignedUp
  beforeAll(async () => {
    api = await openTestApi(ground())
    owner = await api.signUp()
  })
  afterAll(() => api.stop())

  const address = (path: string, slug = owner.slug) => `/api/v1/w/${slug}/settings/${path}`
  const read = async (who = owner) => (await who.visitor.call(address('company', who.slug))).body
  const save = (change: object, who = owner) =>
    who.visitor.call(address('company', who.slug), { method: 'PUT', body: change })

  function fieldsOf({
    slug: _slug,
    updatedAt: _updatedAt,
    isCurrencyFixed: _isCurrencyFixed,
    ...fields
  }: Record<string, unknown>) {
    return fields
  }

  test('the company is saved and read again; the one location follows its currency and time zone', async () => {
    const before = await read()

    const saved = await save({
      ...fieldsOf(before),
      legalName: 'Quill Desks Pty Ltd',
      currency: 'NZD',
      timeZone: 'Pacific/Auckland',
      country: 'NZ',
    })

    expect(saved.status).toBe(200)
    expect(await read()).toMatchObject({
      legalName: 'Quill Desks Pty Ltd',
      currency: 'NZD',
      version: before.version + 1,
    })
    const { id } = await ground()
      .database.handle.selectFrom('app.operators')
      .select('id')
      .where('slug', '=', owner.slug)
      .executeTakeFirstOrThrow()
    const locations = await inScope(ground().database, { operatorId: id, mode: 'test' }, (rows) =>
      rows.selectFrom('app.locations').select(['currency', 'time_zone']).where('operator_id', '=', id).execute(),
    )
    expect(locations).toEqual([{ currency: 'NZD', time_zone: 'Pacific/Auckland' }])
  })

  test('UI-18: of two changes to the same version the second is refused, and the first one stays', async () => {
    const before = fieldsOf(await read())

    const both = await Promise.all([save({ ...before, phone: '111' }), save({ ...before, phone: '222' })])

    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 409])
    expect(both.find(({ status }) => status === 409)?.body.code).toBe('stale_settings')
    expect((await read()).phone).toBe(both.find(({ status }) => status === 200)?.body.phone)
  })

  test.each([
    [{ country: 'XX' }, '/country', 'This is not a country code of two letters.'],
    [{ currency: 'XYZ' }, '/currency', 'Rentroll cannot bill in this currency.'],
    [{ timeZone: 'Sydney' }, '/timeZone', 'This is not the name of a time zone, such as Australia/Sydney.'],
    [{ locale: 'not a language' }, '/locale', 'This is not a language tag, such as en or en-AU.'],
  ])('%o is refused at %s', async (change, pointer, detail) => {
    const answer = await save({ ...fieldsOf(await read()), ...change })

    expect(answer.status).toBe(422)
    expect(answer.body.errors).toEqual([{ pointer, detail }])
  })

  test('prices keep their numbers in another currency, and one it has no coins for stops the change', async () => {
    const who = await api.signUp()
    const categories = `/api/v1/w/${who.slug}/categories`
    const change = async (currency: string) => save({ ...fieldsOf(await read(who)), currency }, who)
    const shown = async () => {
      const { body } = await who.visitor.call(categories)
      return body.rows.map((one: Record<string, unknown>) => [one['dailyRate'], one['periodPrices'], one['deposit']])
    }
    const money = (amountMinor: string, currency: string) => ({ amountMinor, currency })
    const add = (name: string, price: object) =>
      who.visitor.post(categories, { code: name.toUpperCase(), name, deposit: '0', ...price })
    const monthly = (month: string) => ({ priceBasis: 'period_price', periodPrices: { month } })
    await change('AUD')
    await add('Desk', { ...monthly('500'), deposit: '250' })
    await add('Locker', { priceBasis: 'daily_rate', dailyRate: '3.3333' })

    for (const [currency, price, deposit] of [
      ['JPY', '500', '250'],
      ['KWD', '500000', '250000'],
      ['AUD', '50000', '25000'],
    ] as const) {
      expect((await change(currency)).status).toBe(200)
      expect(await shown()).toEqual([
        [undefined, { month: money(price, currency) }, money(deposit, currency)],
        ['3.3333', {}, money('0', currency)],
      ])
    }
    await add('Shelf', monthly('12.50'))
    const before = await shown()

    const refused = await change('JPY')

    expect([refused.status, refused.body.code]).toEqual([409, 'price_does_not_fit'])
    expect(refused.body.detail).toContain('Shelf')
    expect(await shown()).toEqual(before)
    expect(await read(who)).toMatchObject({ currency: 'AUD' })
  })

  test('the currency is fixed once an invoice has been finalised; everything else is not', async () => {
    const other = await openTestApi(ground(), { hasFinalisedInvoice: async () => true })
    const who = await other.signUp()
    const before = await read(who)

    const refused = await save({ ...fieldsOf(before), currency: 'EUR' }, who)
    const allowed = await save({ ...fieldsOf(before), phone: '02 5550 0000' }, who)
    await other.stop()

    expect(before.isCurrencyFixed).toBe(true)
    expect([refused.status, refused.body.code]).toEqual([409, 'currency_fixed'])
    expect(allowed.status).toBe(200)
  })

  test('a new tax rate becomes the default, an equal one is refused, a retired one is no default any more', async () => {
    const add = (rate: object) => owner.visitor.post(address('tax-rates'), rate)

    const first = await add({ name: 'GST', percent: '10', treatment: 'taxable' })
    const second = await add({ name: 'GST', percent: '15', treatment: 'taxable' })
    const equal = await add({ name: 'GST', percent: '15.00', treatment: 'taxable' })
    const rates: { id: string; percent: string; isDefault: boolean }[] = second.body.taxRates
    const id = rates.find(({ isDefault }) => isDefault)?.id
    const retired = await owner.visitor.post(address(`tax-rates/${id}/retire`))
    const twice = await owner.visitor.post(address(`tax-rates/${id}/retire`))

    expect(first.body.taxRates).toMatchObject([{ percent: '10', isDefault: true, retiredAt: null }])
    expect(rates.map(({ percent, isDefault }) => [percent, isDefault])).toEqual([
      ['10', false],
      ['15', true],
    ])
    expect([equal.status, equal.body.code]).toEqual([409, 'tax_rate_exists'])
    expect(retired.body.taxRates.map(({ isDefault }: { isDefault: boolean }) => isDefault)).toEqual([false, false])
    expect(twice.body.code).toBe('tax_rate_retired')
  })

  test.each([
    [{ name: 'GST', percent: 10, treatment: 'taxable' }, 'The percent must be text.'],
    [
      { name: 'GST', percent: '10.12345', treatment: 'taxable' },
      'Enter a percentage from 0 to 100, such as 10 or 7.25.',
    ],
    [{ name: 'GST', percent: '101', treatment: 'taxable' }, 'Enter a percentage from 0 to 100, such as 10 or 7.25.'],
    [{ name: '', percent: '10', treatment: 'taxable' }, 'Enter the name of the tax, such as GST.'],
    [
      { name: 'GST', percent: '10' },
      'Choose one of these for the treatment: taxable, zero_rated, exempt, out_of_scope, reverse_charge.',
    ],
  ])('the rate %o is refused in plain words', async (rate, detail) => {
    const answer = await owner.visitor.post(address('tax-rates'), rate)

    expect(answer.status).toBe(422)
    expect(answer.body.errors[0].detail).toBe(detail)
  })

  test('a rate without tax has no percentage', async () => {
    const answer = await owner.visitor.post(address('tax-rates'), {
      name: 'Export',
      percent: '10',
      treatment: 'exempt',
    })

    expect([answer.status, answer.body.code]).toEqual([422, 'untaxed_with_percent'])
  })
})
