/**
 * Where secrets must not be (TRU-10, TRU-16, TRU-17): after a whole story with its mistakes, every reply, every line of the log, every row of every
 * table and every mail is searched for the secrets that were used, and for anything that looks like one. What surprises: bytes stand in
 * the dump as hexadecimal digits, so they are read back before the search.
 */
import { beforeAll, expect, test } from 'vitest'
import { sealedColumns } from '../../src/keys/sealed-columns.ts'
import { eachProduct, eventually, requestKey, Session, type Product, type Reply } from '#test/product'
import { dump } from './dump.ts'
import { operatorIdOf, untilAtRest } from './fingerprints.ts'
import {
  cardOnFile,
  checkOut,
  connectStripe,
  furnish,
  invoiceOf,
  labelled,
  mailsTo,
  sandboxKeys,
  saveCard,
  signUp,
} from './walk.ts'

/** Keeps the body of every answer, with what was asked. */
class Recording extends Session {
  readonly replies: string[] = []
  override async call(method: string, path: string, body?: unknown): Promise<Reply> {
    const reply = await super.call(method, path, body)
    this.replies.push(`${method} ${path} ${JSON.stringify(reply.body)}`)
    return reply
  }
}

const shapes: Readonly<Record<string, RegExp>> = {
  'a secret key': /\b[sr]k_(?:test|live)_[A-Za-z0-9]{10,}/,
  'a signing secret': /\bwhsec_[A-Za-z0-9+/=_-]{10,}/,
  'a client secret': /\b(?:pi|seti|cs)_[A-Za-z0-9]+_secret_[A-Za-z0-9]{6,}/,
  'a card number': /\b4242 ?4242 ?4242 ?4242\b/,
}

const passwords = ['correct horse battery staple', 'purple elephants dance at noon', 'this was never the password']

eachProduct('secrets', (product) => {
  let owner: Recording
  let visitor: Recording
  let found: Awaited<ReturnType<typeof liveThrough>>
  /** What was really used, by what it is. */
  let used: Readonly<Record<string, readonly string[]>>

  beforeAll(async () => {
    owner = new Recording(product().origin)
    visitor = new Recording(product().origin)
    found = await liveThrough(product(), owner, visitor)
    const { secretKey, restrictedKey } = sandboxKeys(product())
    used = {
      keys: [secretKey, restrictedKey, ...found.pastedKeys],
      sessions: found.cookies.flatMap((cookie) => [cookie, decodeURIComponent(cookie)]),
      passwords,
      links: found.linkTokens,
      'master keys': [product().ground.configuration.masterKey ?? ''],
    }
  })

  function expectNone(text: string, what: string, except: readonly string[] = []): void {
    for (const [name, shape] of Object.entries(shapes))
      expect(shape.exec(text)?.[0], `${name} in ${what}`).toBeUndefined()
    for (const [name, secrets] of Object.entries(used))
      for (const secret of secrets.filter((one) => !except.includes(one)))
        expect(text.includes(secret), `one of the ${name} in ${what}`).toBe(false)
  }

  test('TRU-16: no reply holds one; a fresh pay link is the only link a reply may name', () => {
    const replies = [...owner.replies, ...visitor.replies]
    expect(replies.length).toBeGreaterThan(60)
    for (const reply of replies) {
      const isLink = reply.includes('/pay-link?') || / \/api\/v1\/pay\//.test(reply)
      expectNone(reply, reply.slice(0, 200), isLink ? found.linkTokens : [])
    }
  })

  test('TRU-17: no line of the log holds one, nor an address of a person', () => {
    const lines = product().logLines.join('\n')
    expect(lines).toContain('/api/v1/w/:slug/connections/stripe')
    expect(lines).toContain('a delivery was refused')
    expectNone(lines, 'the log')
    expect(lines).not.toMatch(/@[a-z0-9-]+\.example|rent\.example/)
  })

  test('TRU-10: no row of any table holds one', async () => {
    const tables = await dump(product())
    const names = [...tables.keys()]
    for (const name of ['app.renters', 'app.inbox_bodies', 'app.mail_outbox', 'auth.users', 'auth.sessions'])
      expect(tables.get(name)?.length, name).toBeGreaterThan(0)
    expect(names.filter((name) => name.startsWith('pgboss.')).length).toBeGreaterThan(3)
    expect(tables.get('app.renters')).toContain(found.renterName)
    // A mail is kept until it is old, and a renter's mail is its link.
    for (const [name, text] of tables) expectNone(text, name, name === 'app.mail_outbox' ? found.linkTokens : [])
  })

  test('TRU-33: sealed values stand in the columns that are re-wrapped and nowhere else', async () => {
    const holding = [...(await dump(product()))]
      .filter(([, text]) => /v1\|[0-9a-f]{8}\|/.test(text))
      .map(([name]) => name)
    expect(holding.toSorted()).toEqual([...new Set(sealedColumns.map(({ table }) => table))].toSorted())
  })

  test('TRU-10: nothing in a dump of sessions and links works as a credential', async () => {
    const tables = await dump(product())
    const sessions = JSON.parse(`[${tables.get('auth.sessions')}]`) as Record<string, string>[]
    const links = JSON.parse(`[${tables.get('auth.links')}]`) as Record<string, string>[]
    expect(sessions.length * links.length).toBeGreaterThan(0)
    const asCookie = async (value: string) => {
      const headers = { Cookie: `rentroll_dev=${value}`, Authorization: `Bearer ${value}` }
      return ((await (await fetch(`${product().origin}/api/v1/me`, { headers })).json()) as any).person
    }
    for (const { token, id } of sessions)
      for (const value of [token!, id!, `${token}.`, `${token}.${token}`, encodeURIComponent(`${token}.AAAA`)])
        expect(await asCookie(value)).toBeNull()
    for (const { token_hash: hash } of links)
      for (const path of ['verify-email', 'reset-password'])
        expect((await visitor.call('POST', `/api/v1/${path}`, formOf(path, hash!))).status).toBe(404)
  })

  test('TRU-101: mails hold the one link they are for, and no secret besides', async () => {
    const all = await allMails(product())
    expect(all.length).toBeGreaterThan(4)
    for (const { subject, text, to } of all) {
      const links = found.linkTokens.filter((token) => text.includes(token))
      expect(links.length, subject).toBeLessThanOrEqual(1)
      expectNone(text, `the mail "${subject}" to ${to}`, links)
    }
  })
})

const formOf = (path: string, token: string) =>
  path === 'reset-password'
    ? { token, password: passwords[1] }
    : { token, password: passwords[1], country: 'AU', currency: 'AUD', timeZone: 'Australia/Sydney' }

/** Sign-up, keys right and wrong, endpoint, card, payment, refund, a challenge with its link, and a forgotten password. */
async function liveThrough(product: Product, owner: Recording, visitor: Recording) {
  await signUp(product, 'Kim Park', owner)
  const cookies = [valueOf(owner.cookie)]
  const email = `owner@${owner.slug}.example`
  const pastedKeys = await pasteWrongKeys(product, owner)
  await connectStripe(owner, product)
  const { webhook } = await owner.good('GET', '/connections/stripe')
  await fetch(webhook.addresses.own, { method: 'POST', headers: { 'Stripe-Signature': 't=1,v1=00' }, body: '{}' })
  const set = await furnish(owner)
  await saveCard(owner, product, set.renterId)
  await cardOnFile(owner, set.renterId)
  const { invoiceId } = await checkOut(owner, set)
  const { payments } = await labelled(owner, invoiceId, 'Paid')
  const refund = { paymentId: payments[0].id, amount: '5.00', reason: 'Too warm', requestKey: requestKey() }
  await owner.good('POST', `/invoices/${invoiceId}/refund`, refund)
  const payToken = await meetChallenge(product, owner, visitor)
  for (const path of ['/connections/stripe/test', '/connections/stripe/endpoint/check']) await owner.good('POST', path)
  const { rows } = await owner.good('GET', '/webhooks/events?limit=100')
  for (const { id } of rows) await owner.good('GET', `/webhooks/events/${id}`)
  for (const path of ['/books', '/dashboard', '/leases', '/invoices', '/renters']) await owner.good('GET', path)
  const resetToken = await forgetPassword(product, visitor, email)
  cookies.push(valueOf(visitor.cookie))
  await untilAtRest(product, visitor, await operatorIdOf(product, owner))
  const signUpToken = await tokenIn(product, { to: email, subject: 'Confirm your address' })
  const { name: renterName } = await visitor.good('GET', `/renters/${set.renterId}`)
  return { cookies, pastedKeys, renterName, linkTokens: [signUpToken, resetToken, ...payToken] }
}

const valueOf = (cookie: string) => cookie.slice(cookie.indexOf('=') + 1)

async function pasteWrongKeys(product: Product, owner: Session): Promise<string[]> {
  const { publishableKey } = sandboxKeys(product)
  const keys = ['sk_test_CanaryCanaryCanary01', 'rk_test_CanaryCanaryCanary02', 'sk_live_CanaryCanaryCanary03']
  for (const secretKey of keys) await owner.refused('PUT', '/connections/stripe', { publishableKey, secretKey })
  await owner.refused('PUT', '/connections/stripe', { publishableKey: keys[0], secretKey: publishableKey })
  await owner.refused('POST', '/renters', { kind: 'person', name: 'Kim', secretKey: keys[0] })
  await owner.refused('PUT', '/connections/stripe/webhook-secret', { webhookSecret: 'whsec_CanaryCanaryCanary04' })
  return [...keys, 'whsec_CanaryCanaryCanary04']
}

/** A card that asks the renter: the mail's link is opened and used. @returns the tokens of both links to it. */
async function meetChallenge(product: Product, owner: Session, visitor: Session): Promise<string[]> {
  const set = await furnish(owner)
  await saveCard(owner, product, set.renterId, '4000002760003184')
  await cardOnFile(owner, set.renterId)
  const { invoiceId } = await checkOut(owner, set)
  await eventually(
    () => invoiceOf(owner, invoiceId),
    ({ can }) => can.authenticate.allowed,
  )
  const { email } = await owner.good('GET', `/renters/${set.renterId}`)
  const [mail] = await eventually(
    () => mailsTo(product, email),
    (mails) => mails.length > 0,
  )
  const mailed = /\/pay\/([A-Za-z0-9_-]{43})/.exec(mail!.text)![1]!
  const minted = new URL((await owner.good('POST', `/invoices/${invoiceId}/pay-link`)).url).pathname.split('/').at(-1)!
  await visitor.good('GET', `/api/v1/pay/${mailed}`)
  const { url } = await visitor.good('POST', `/api/v1/pay/${mailed}/authenticate`)
  product.sandbox.stripe.finishChallenge({ token: new URL(url).pathname.split('/').at(-1)!, outcome: 'complete' })
  await labelled(owner, invoiceId, 'Paid')
  return [mailed, minted]
}

/** Signs in wrongly, asks for a new password, sets it and signs in with it. */
async function forgetPassword(product: Product, visitor: Recording, email: string): Promise<string> {
  await visitor.refused('POST', '/api/v1/sign-in', { email, password: passwords[2] })
  await visitor.good('POST', '/api/v1/forgotten-password', { email })
  const token = await tokenIn(product, { to: email, subject: 'Set a new password' })
  await visitor.good('POST', '/api/v1/reset-password', { token, password: passwords[1] })
  const { slug } = await visitor.good('POST', '/api/v1/sign-in', { email, password: passwords[1] })
  visitor.slug = slug
  return token
}

async function tokenIn(product: Product, wish: { to: string; subject: string }): Promise<string> {
  const mails = await eventually(
    () => mailsTo(product, wish.to),
    (all) => all.some(({ subject }) => subject === wish.subject),
  )
  const { text } = mails.find(({ subject }) => subject === wish.subject)!
  return /(?:token=|reset-password\/)([A-Za-z0-9_-]{43})/.exec(text)![1]!
}

async function allMails({ sandbox }: Product): Promise<{ subject: string; text: string; to: string }[]> {
  const headers = { Accept: 'application/json' }
  const { messages } = (await (await fetch(`${sandbox.url}/_sandbox/mail`, { headers })).json()) as any
  return Promise.all(
    messages.map(async ({ id }: { id: string }) => {
      const raw = await (await fetch(`${sandbox.url}/_sandbox/mail/${id}`, { headers })).json()
      return { ...raw, text: JSON.stringify(raw) }
    }),
  )
}
