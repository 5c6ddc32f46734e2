import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDays, localDateAt } from '#kernel'
import { openTestApi, type SignedUp, type TestAnswer, type TestApi } from '#test/api'
import { eachDatabase } from '#test/databases'

eachDatabase('categories, spaces, renters, agreements and leases', {}, (ground) => {
  let api: TestApi
  let owner: SignedUp
  beforeAll(async () => {
    api = await openTestApi(ground())
    owner = await api.signUp()
  })
  afterAll(() => api.stop())

  const at = (path: string, who = owner) => `/api/v1/w/${who.slug}${path}${path.includes('?') ? '&' : '?'}mode=test`
  const get = async (path: string, who = owner) => (await who.visitor.call(at(path, who))).body
  const send = (path: string, body: unknown, method = 'POST') => owner.visitor.call(at(path), { method, body })
  const made = (answer: TestAnswer) => {
    expect([answer.status, answer.body]).toEqual([201, expect.anything()])
    return answer.body
  }
  const today = () => localDateAt(ground().clock.now(), 'Australia/Sydney')
  const money = (amountMinor: string) => ({ amountMinor, currency: 'AUD' })

  /** A category of its own with a space and a renter who pays by hand, so that nothing is asked of Stripe. */
  const furnish = async (change: object = {}) => {
    const code = randomUUID().slice(0, 6).toUpperCase()
    const price = { priceBasis: 'period_price', periodPrices: { month: '100.00' }, deposit: '200.00' }
    const category = made(await send('/categories', { code, name: 'Desk', ...price }))
    const { rows } = made(await send('/spaces', { categoryId: category.id }))
    const person = { kind: 'person', name: 'Kim Park', manualPaymentsAllowed: true, ...change }
    const renter = made(await send('/renters', person))
    if ((await get('/agreements')).current === undefined) {
      const content = '{{renter.name}} rents {{space.number}} for {{rent}}, deposit {{deposit}}.'
      made(await send('/agreements', { title: 'House rules', content }))
    }
    return { category, space: rows[0], renter }
  }
  const wishOf = ({ space, renter }: { space: { id: string }; renter: { id: string } }) => ({
    spaceId: space.id,
    renterId: renter.id,
    interval: 'month',
    startOn: today(),
    deposit: 'standard' as string | { custom: string },
  })
  const confirm = async (wish: ReturnType<typeof wishOf>, change: object = {}) => {
    const preview = (await send('/check-out/preview', wish)).body
    const form = {
      requestKey: randomUUID(),
      acceptance: { name: 'Kim Park' },
      previewHash: preview.previewHash ?? 'none',
    }
    return send('/check-out', { ...wish, ...form, ...change })
  }

  test('from a category to a lease: every amount is Money, every id has its prefix', async () => {
    const set = await furnish()
    expect(set.category).toMatchObject({ periodPrices: { month: money('10000') }, deposit: money('20000'), spaces: 0 })
    expect(set.space).toMatchObject({
      number: `${set.category.code}-A-01`,
      categoryId: set.category.id,
      state: 'available',
      prices: [{ interval: 'month', label: 'Monthly', price: money('10000') }],
      can: { checkOut: { allowed: true } },
    })
    expect(set.renter).toMatchObject({ status: 'inactive', balance: money('0'), version: 1, methods: [], banners: [] })

    const preview = (await send('/check-out/preview', wishOf(set))).body
    const lease = made(await confirm(wishOf(set)))

    expect(preview).toMatchObject({
      invoice: { subtotal: money('30000'), tax: money('0'), total: money('30000'), issueOn: today(), dueOn: today() },
      banners: [{ code: 'acceptance_missing', title: 'Contract acceptance required' }],
      agreement: { version: 1, title: 'House rules' },
      agreementText: `Kim Park rents ${set.space.number} for $100.00, deposit $200.00.`,
    })
    expect(preview.next).toHaveLength(3)
    expect(lease).toEqual({
      leaseId: expect.stringMatching(/^lse_/),
      invoiceId: expect.stringMatching(/^inv_/),
      state: 'active',
    })
    const detail = await get(`/leases/${lease.leaseId}`)
    expect(detail).toMatchObject({
      space: { id: set.space.id },
      renter: { id: set.renter.id, name: 'Kim Park' },
      stateLabel: 'Active',
      price: money('10000'),
      balance: money('30000'),
      agreement: { version: 1, acceptedName: 'Kim Park', text: preview.agreementText },
      invoices: [{ id: lease.invoiceId, total: money('30000'), label: { text: 'Payment Due', tone: 'yellow' } }],
      can: { cancel: { allowed: false } },
    })
    expect(detail.schedule.map(({ total }: { total: object }) => total)).toEqual(Array(3).fill(money('10000')))
    expect(detail.schedule[0].periodStart).toBe(preview.next[0].periodStart)
    const renter = await get(`/renters/${set.renter.id}`)
    expect(renter).toMatchObject({ status: 'active', balance: money('30000'), leases: [{ id: lease.leaseId }] })
    expect(await get(`/spaces/${set.space.id}`)).toMatchObject({
      state: 'occupied',
      stateLabel: 'Checked-Out',
      renter: { id: set.renter.id, since: today() },
      can: { checkOut: { allowed: false, reason: `${set.space.number} is checked out.` } },
    })
    const listed = await get('/leases')
    expect(listed.rows.map(({ id }: { id: string }) => id)).toContain(lease.leaseId)
    expect((await get('/agreements')).versions[0]).toMatchObject({ version: 1, acceptedBy: expect.any(Number) })
  })

  test('must show 7: a move-in date in the past and an empty agreement are refused in clear sentences', async () => {
    const set = await furnish()

    const past = await send('/check-out/preview', { ...wishOf(set), startOn: addDays(today(), -1) })
    const empty = await send('/agreements', { title: 'Nothing', content: '  ' })
    const unknown = await send('/agreements', { title: 'Odd', content: 'Dear {{renter.shoe_size}}' })

    expect(past.body).toMatchObject({
      status: 422,
      code: 'start_in_past',
      detail: 'Start date must be today or later.',
      errors: [{ pointer: '/startOn', detail: 'Start date must be today or later.' }],
    })
    expect(empty.body).toMatchObject({
      status: 422,
      code: 'agreement_empty',
      nextStep: 'Enter the text of the agreement.',
    })
    expect(unknown.body.detail).toContain('{{renter.shoe_size}}')
  })

  test('UI-41: a price that changed after the preview is refused with 409, and the next preview is accepted', async () => {
    const set = await furnish()
    const wish = wishOf(set)

    const stale = await confirm(wish, { deposit: 'none' })
    const fresh = await confirm({ ...wish, deposit: 'none' })

    expect(stale.body).toMatchObject({ status: 409, code: 'preview_changed', title: 'Changed since you looked' })
    expect(fresh.status).toBe(201)
  })

  test('BIL-8: without a connection and without leave to pay by hand, banner and refusal say the same', async () => {
    const set = await furnish({ manualPaymentsAllowed: false })

    const preview = (await send('/check-out/preview', wishOf(set))).body
    const refused = await confirm(wishOf(set))

    expect(preview.banners[0]).toMatchObject({ code: 'payments_not_connected', title: 'Payment method required' })
    expect(refused.body).toMatchObject({ status: 409, detail: 'Card payments are not connected.' })
    expect((await get(`/renters/${set.renter.id}`)).banners).toMatchObject([{ code: 'payment_method_required' }])
  })

  test('BIL-16: the same form sent twice answers the same lease, and a third party finds the space taken', async () => {
    const set = await furnish()
    const key = { requestKey: randomUUID() }

    const [first, again] = [await confirm(wishOf(set), key), await confirm(wishOf(set), key)]
    const other = await confirm(wishOf(set))

    expect(again.body).toEqual(first.body)
    expect(other.body).toMatchObject({ status: 409, code: 'space_taken' })
    const preview = await send('/check-out/preview', wishOf(set))
    expect(preview.body).toMatchObject({ code: 'space_not_available', detail: `${set.space.number} is checked out.` })
  })

  test('UI-20: spaces are found by tab and words, and counted', async () => {
    const set = await furnish()

    const found = await get(`/spaces?tab=available&text=${set.category.code.toLowerCase()}`)
    const none = await get(`/spaces?tab=checked_out&text=${set.category.code}`)

    expect(found).toMatchObject({ rows: [{ id: set.space.id }], count: 1 })
    expect(none).toMatchObject({ rows: [], count: 0 })
    expect(found.tabs.all).toBe(found.tabs.available + found.tabs.checkedOut + found.tabs.suspended)
    const pages = await get('/spaces?limit=1')
    expect((await get(`/spaces?limit=1&after=${pages.next}`)).rows[0].id).not.toBe(pages.rows[0].id)
  })

  test('UI-18: a renter saved over a newer version is refused, and the number typed stays on the form', async () => {
    const { renter } = await furnish()
    const details = { kind: 'person', name: 'Kim Park', version: 1 }

    const first = await send(`/renters/${renter.id}`, { ...details, phone: '1' }, 'PUT')
    const second = await send(`/renters/${renter.id}`, { ...details, phone: '2' }, 'PUT')

    expect(first.body).toMatchObject({ phone: '1', version: 2 })
    expect(second.body).toMatchObject({ status: 409, code: 'stale_renter' })
    const found = await get(`/renters?text=${renter.number}`)
    expect(found).toMatchObject({ count: 1, rows: [{ id: renter.id, phone: '1' }] })
  })

  test('TRU: the owner of another workspace finds none of it', async () => {
    const set = await furnish()
    const { leaseId } = made(await confirm(wishOf(set)))
    const { versions } = await get('/agreements')
    const stranger = await api.signUp()

    const paths = [
      `/spaces/${set.space.id}`,
      `/renters/${set.renter.id}`,
      `/leases/${leaseId}`,
      `/agreements/${versions[0].id}`,
    ]
    for (const path of paths) {
      const answer = await stranger.visitor.call(at(path, stranger))
      expect([path, answer.status]).toEqual([path, 404])
    }
    expect((await stranger.visitor.call(at('/spaces'))).status).toBe(404)
    expect(await get('/spaces', stranger)).toMatchObject({ rows: [], tabs: { all: 0 } })
  })

  test('UI-36: whatever is added with the key of a form is there once, however often it is sent', async () => {
    const code = randomUUID().slice(0, 6).toUpperCase()
    const { category } = await furnish()
    const price = { priceBasis: 'period_price', periodPrices: { month: '100.00' }, deposit: '200.00' }
    const forms = [
      ['/categories', '/categories', { code, name: 'Office', ...price }, { name: 'Suite' }],
      ['/spaces', '/spaces?text=HALL', { categoryId: category.id, number: 'HALL' }, { title: 'Large' }],
      ['/renters', '/renters?text=Twice', { kind: 'person', name: 'Twice Sent' }, { name: 'Twice Said' }],
      [
        '/agreements',
        '/agreements',
        { title: 'Second house rules', content: 'You rent {{space.number}}.' },
        { title: 'Third' },
      ],
      [
        '/settings/tax-rates',
        '/settings/tax-rates',
        { name: 'Levy', percent: '3', treatment: 'taxable' },
        { percent: '4' },
      ],
    ] as const
    for (const [path, listPath, body, change] of forms) {
      const countOf = async () => Object.values<unknown[]>(await get(listPath)).find(Array.isArray)?.length ?? 0
      const before = await countOf()
      const key = randomUUID()
      const press = (other: object = {}, sent: string = key) =>
        owner.visitor.call(at(path), {
          method: 'POST',
          body: { ...body, ...other },
          headers: { 'idempotency-key': sent },
        })

      const [first, second] = await Promise.all([press(), press({}, key.toUpperCase())])

      expect([path, first.status < 300, second.status]).toEqual([path, true, first.status])
      expect([path, second.body]).toEqual([path, first.body])
      expect([path, await countOf()]).toEqual([path, before + 1])
      const changed = await press(change)
      expect([path, changed.status, changed.body.code]).toEqual([path, 409, 'request_key_reused'])
    }
    const odd = await owner.visitor.call(at('/renters'), {
      method: 'POST',
      body: { kind: 'person', name: 'Nobody' },
      headers: { 'idempotency-key': 'again' },
    })
    expect([odd.status, odd.body.code]).toEqual([422, 'input_refused'])
  })
})
