/**
 * kill -9 at random moments of the money path, in the running product (TRU-173 in its quick form). Somebody keeps pressing the same
 * buttons with the same keys until each step is done, as a person reloading would; meanwhile the process dies again and again.
 * Afterwards the sandbox is asked what really happened: one charge and one refund per invoice, no more and no less.
 *
 * RENTROLL_TEST_KILLS=30 and RENTROLL_TEST_SEED=n repeat a longer run.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually, Session } from '#test/product'
import { openDemo, type Demo } from './demo-process.ts'

const kills = Number(process.env['RENTROLL_TEST_KILLS'] ?? 6)
const seed = Number(process.env['RENTROLL_TEST_SEED'] ?? 20_261_121)

let demo: Demo
beforeAll(async () => {
  demo = await openDemo()
  await demo.start()
})
afterAll(() => demo?.end())

/** mulberry32: small, seeded, good enough to pick moments. */
function randomFrom(start: number): () => number {
  let state = start >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Presses until it works: a refused connection or a server that is starting is no answer. */
async function persistently<Value>(step: () => Promise<Value | undefined>, limitMs = 120_000): Promise<Value> {
  const attempt = async () => {
    try {
      return await step()
    } catch (error) {
      if (error instanceof TypeError) return undefined
      throw error
    }
  }
  return (await eventually(attempt, (value) => value !== undefined, limitMs))!
}

class Person {
  readonly session: Session
  constructor() {
    this.session = new Session(demo.origin)
    this.session.slug = 'harbour-desks'
  }
  async signIn(): Promise<void> {
    await persistently(async () =>
      (await this.session.call('POST', '/api/v1/demo/sign-in', {})).status === 200 ? true : undefined,
    )
  }
  /**
   * The body of a good answer; server faults and starting servers are pressed again with the key of the same form, refusals are failures of
   * the test.
   */
  async press(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<any> {
    const key = method === 'GET' ? undefined : crypto.randomUUID()
    return persistently(async () => {
      const { status, body: answer } = await this.session.call(
        method,
        `/api/v1/w/harbour-desks${path}${path.includes('?') ? '&' : '?'}mode=test`,
        method === 'GET' ? undefined : (body ?? {}),
        key,
      )
      if (status >= 500 || status === 429) return undefined
      if (status === 401) return void (await this.session.call('POST', '/api/v1/demo/sign-in', {}))
      if (status >= 400) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`)
      return answer ?? true
    })
  }
}

async function fromSandbox(path: string): Promise<any> {
  return persistently(async () =>
    (await fetch(`${demo.sandboxUrl}${path}`, { headers: { Accept: 'application/json' } })).json(),
  )
}

async function sandboxPost(url: string, fields: Record<string, string>): Promise<void> {
  await persistently(async () => {
    const reply = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(fields),
    })
    return reply.status < 500 ? true : undefined
  })
}

async function payOnce(person: Person, number: number): Promise<string> {
  const tag = `K${number}`
  const find = async <Row extends Record<string, unknown>>(path: string, isIt: (row: Row) => boolean) =>
    (await person.press('GET', path)).rows.find(isIt) as Row | undefined
  const made = async (path: string, listPath: string, isIt: (row: any) => boolean, body: unknown) => {
    const before = await find<any>(listPath, isIt)
    if (before) return before
    await person.press('POST', path, body)
    return find<any>(listPath, isIt)
  }
  const category = await made('/categories', '/categories', (row) => row.code === 'KILL', {
    code: 'KILL',
    name: 'Desk',
    priceBasis: 'period_price',
    periodPrices: { month: '100.00' },
    deposit: '0.00',
  })
  const space = await made('/spaces', '/spaces', (row) => row.number === tag, { categoryId: category.id, number: tag })
  const renter = await made('/renters', '/renters', (row) => row.name === tag, {
    kind: 'person',
    name: tag,
    email: `${tag.toLowerCase()}@rent.example`,
  })
  const setupKey = crypto.randomUUID()
  const { url } = await person.press('POST', `/renters/${renter.id}/setup`, {
    requestKey: setupKey,
    returnTo: '/w/harbour-desks/renters',
  })
  await sandboxPost(url, {
    number: '4242424242424242',
    expiry: '12 / 34',
    cvc: '123',
    name: 'Test Payer',
    email: `${tag.toLowerCase()}@rent.example`,
  })
  await person.press('POST', `/setups/stp_${setupKey.replaceAll('-', '')}/check`)
  await eventually(
    () => person.press('GET', `/renters/${renter.id}`),
    (seen) => seen.methods.length > 0,
    120_000,
  )
  const { timeZone } = await person.press('GET', '/settings/company')
  const startOn = person.session.todayIn(timeZone)
  const wish = { spaceId: space.id, renterId: renter.id, interval: 'month', startOn, deposit: 'none' }
  const { previewHash } = await person.press('POST', '/check-out/preview', wish)
  const { invoiceId } = await person.press('POST', '/check-out', {
    ...wish,
    requestKey: crypto.randomUUID(),
    acceptance: { name: tag },
    previewHash,
  })
  const paid = await eventually(
    () => person.press('GET', `/invoices/${invoiceId}`),
    (invoice) => invoice.label.text === 'Paid',
    120_000,
  )
  const refundKey = crypto.randomUUID()
  await person.press('POST', `/invoices/${invoiceId}/refund`, {
    requestKey: refundKey,
    paymentId: paid.payments[0].id,
    amount: '10.00',
    reason: 'Test of a crash',
    whenShort: 'send',
  })
  await eventually(
    () => person.press('GET', `/invoices/${invoiceId}`),
    (invoice) => ['succeeded', 'pending'].includes(invoice.refunds[0]?.state),
    120_000,
  )
  return invoiceId
}

test(
  `TRU-173: ${kills} kills at random moments (seed ${seed}): no charge lost, none doubled, books at zero`,
  { timeout: 900_000 },
  async () => {
    const random = randomFrom(seed)
    const person = new Person()
    await person.signIn()
    const accounts: any[] = await fromSandbox('/_sandbox/accounts')
    const own = accounts.find(({ name }) => name === 'Harbour Desks')
    await person.press('PUT', '/connections/stripe', {
      publishableKey: own.keys.test.publishable,
      secretKey: own.keys.test.secret,
    })
    await person.press('POST', '/connections/stripe/endpoint')
    await person.press('POST', '/agreements', { title: 'Rental agreement', content: 'You rent {{space.number}}.' })

    let isDone = false
    const killer = (async () => {
      while (demo.kills() < kills && !isDone) {
        await new Promise((resolve) => setTimeout(resolve, 200 + random() * 1500))
        await demo.kill()
        await demo.start()
      }
    })()
    const invoices: string[] = []
    for (let number = 1; demo.kills() < kills || invoices.length < 3; number += 1)
      invoices.push(await payOnce(person, number))
    isDone = true
    await killer

    const state = await fromSandbox(`/_sandbox/state?account=${own.id}`)
    const charges = state.charges as {
      payment_intent: string
      status: string
      amount: number
      amount_refunded: number
    }[]
    const succeeded = charges.filter(({ status }) => status === 'succeeded')
    expect(succeeded).toHaveLength(invoices.length)
    expect(new Set(succeeded.map(({ payment_intent }) => payment_intent)).size).toBe(invoices.length)
    expect(succeeded.every(({ amount, amount_refunded }) => amount === 11_000 && amount_refunded === 1000)).toBe(true)
    for (const invoiceId of invoices) {
      const invoice = await person.press('GET', `/invoices/${invoiceId}`)
      expect(invoice).toMatchObject({ status: 'paid', balance: { amountMinor: '0' } })
      expect(invoice.payments).toHaveLength(1)
      expect(invoice.refunds).toHaveLength(1)
    }
    const { rows: renters } = await person.press('GET', '/renters?limit=100')
    const names = renters.map(({ name }: { name: string }) => name).filter((name: string) => /^K\d+$/.test(name))
    expect(names.toSorted()).toEqual(invoices.map((_, place) => `K${place + 1}`).toSorted())
    const books = await eventually(
      () => person.press('GET', '/books'),
      ({ isBalanced }) => isBalanced,
    )
    expect(books.breaches).toEqual([])
  },
)
