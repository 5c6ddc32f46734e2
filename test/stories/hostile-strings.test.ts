/**
 * Every text of every body, filled with what nobody should type (TRU-270 in its quick form, TRU-14, TRU-15, TRU-115). The list of bodies
 * is /openapi.json itself, so a new field is tried without anybody thinking of it. Whatever comes: a person reads a sentence, and
 * nothing fails on our side. Each field takes its turn of the list; RENTROLL_TEST_STRINGS=all gives all of it to each.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { Session, startProduct, type Product } from '#test/product'
import { drive, readOperations, send, type Answer, type JsonSchema, type Operation } from './operations.ts'
import { checkOut, furnish, invoiceOf, mailedToken, signUp } from './walk.ts'
import { makeWorld, type World } from './world.ts'

const isFull = process.env['RENTROLL_TEST_STRINGS'] === 'all'

/** What no database keeps. */
const broken = ['a\u0000b', '\uD800']
const tooLong = 'x'.repeat(60_000)
const hostile = [
  '\u202Egnp.exe',
  '𝕏'.repeat(150),
  '<script>alert(1)</script>',
  '=HYPERLINK("http://evil.example")',
  '+1+1',
  '-1+1',
  '@SUM(1)',
  '\t=1',
  "'; drop table app.renters; --",
  'a\r\nBcc: everybody@evil.example',
  '{{renter.email}}',
  '__proto__',
  '../../etc/passwd',
  '1e309',
  '-0.01',
  '999999999999.99',
  '',
  '   ',
]
const wrongTypes = [null, 7, true, [], {}, 1e308]
const turn = <Thing>(things: readonly Thing[], at: number, many: number): readonly Thing[] =>
  isFull ? things : Array.from({ length: many }, (_, step) => things[(at * many + step) % things.length]!)

const added = ['id', 'operator_id', 'operatorId', 'status', 'paid_at', 'constructor', 'toString']

for (const kind of inject('databaseKinds')) {
  describe(`hostile strings (${kind})`, () => {
    let product: Product
    let world: World
    let operations: readonly Operation[]
    let administrator: Session
    beforeAll(async () => {
      product = await startProduct(kind)
      administrator = new Session(product.origin)
      await administrator.call('POST', '/api/v1/demo/sign-in', {})
      operations = (await readOperations(product)).filter(({ body }) => body)
      world = await makeWorld(product)
    })
    afterAll(() => product?.close())

    /** What serves all operators exists for whoever runs the installation alone (TRU-90). */
    const whoMay = ({ path }: Operation) => (path.startsWith('/api/v1/installation') ? administrator : world.session)

    /** Sends it, and gets back what a deed used up: the space, the invoice, the version of a form. */
    async function attempt(operation: Operation, change: (body: any) => void): Promise<Answer> {
      const driven = drive(operation, world)
      const body = structuredClone(driven.body)
      change(body)
      if (operation.name === 'POST /check-out') body.previewHash = await previewHash(body)
      const answer = await send(product, { ...driven, body }, { as: whoMay(operation) })
      if (answer.status < 300) world = { ...world, ...(await renew(operation, answer)) }
      return answer
    }

    async function previewHash({ requestKey: _key, acceptance: _name, previewHash: typed, ...wish }: any) {
      const path = `/api/v1/w/${world.slug}/check-out/preview?mode=test`
      const preview = await world.session.call('POST', path, wish)
      return preview.status === 200 && typed === 'a'.repeat(64) ? preview.body.previewHash : typed
    }

    async function renew({ name }: Operation, { body }: Answer): Promise<Partial<World>> {
      if (name === 'PUT /settings/company') return { companyVersion: body.version }
      if (name === 'PUT /renters/{renterId}') return { renterVersion: body.version }
      if (name === 'POST /check-out') return { spaceId: (await furnish(world.session)).spaceId }
      if (name !== 'POST /invoices/{invoiceId}/void') return {}
      const byHand = await furnish(world.session, { manual: true })
      return { openInvoiceId: (await checkOut(world.session, byHand)).invoiceId }
    }

    test('TRU-270: no text in any field of any body fails on our side, and every refusal is a sentence with a next step', async () => {
      let [sent, at] = [0, 0]
      for (const operation of operations) {
        for (const place of placesOf(operation.body!)) {
          for (const text of [...turn(hostile, (at += 1), 2), tooLong]) {
            const answer = await attempt(operation, (body) => put(body, { place, value: text }))
            const what = `${operation.name} ${place.join('.')} = ${JSON.stringify(text).slice(0, 60)}: ${answer.text}`
            expect(answer.status, what).toBeLessThan(500)
            if (answer.status >= 400) expectSentence(answer, what)
            sent += 1
          }
        }
      }
      expect(sent).toBeGreaterThan(200)
      expect(product.logLines.filter((line) => line.includes('request failed'))).toEqual([])
    })

    test('TRU-270: half a character, and the one no database keeps, are refused with the field that holds them', async () => {
      let at = 0
      for (const operation of operations) {
        for (const place of placesOf(operation.body!)) {
          for (const text of turn(broken, (at += 1), 1)) {
            const answer = await attempt(operation, (body) => put(body, { place, value: text }))
            const detail = 'This text holds a character that cannot be kept. Type it instead of pasting it.'
            expect(answer.body, `${operation.name} ${place.join('.')}`).toMatchObject({
              status: 422,
              code: 'input_refused',
              errors: [{ pointer: `/${place.join('/')}`, detail }],
            })
          }
        }
      }
    })

    test('TRU-115: a card number in any text of any body is refused with the sentence that names the payment page', async () => {
      const cards = ['4242424242424242', 'card 4000 0025 0000 3155 please', '3782-822463-10005']
      let at = 0
      for (const operation of operations) {
        for (const place of placesOf(operation.body!)) {
          for (const number of turn(cards, (at += 1), 1)) {
            const answer = await attempt(operation, (body) => put(body, { place, value: number }))
            expect(answer.body, `${operation.name} ${place.join('.')}`).toMatchObject({
              status: 422,
              code: 'card_number',
              title: 'This looks like a card number',
              detail: 'Card numbers must not be sent to Rentroll. Use the payment page.',
              nextStep: 'Remove the number and send again.',
            })
          }
        }
      }
    })

    test('TRU-270: a value of another type is refused, naming the field', async () => {
      let at = 0
      for (const operation of operations) {
        for (const place of placesOf(operation.body!)) {
          for (const value of turn(wrongTypes, (at += 1), 1)) {
            const answer = await attempt(operation, (body) => put(body, { place, value }))
            const what = `${operation.name} ${place.join('.')} = ${JSON.stringify(value)}: ${answer.text}`
            expect(answer.status, what).toBe(422)
            expectSentence(answer, what)
            expect(answer.body.errors.map(({ pointer }: any) => pointer).join(), what).toContain(`/${place[0]}`)
          }
        }
      }
    })

    test('TRU-15: a member nobody asked for is refused, and so are __proto__ and a key given twice', async () => {
      let at = 0
      for (const operation of operations) {
        const driven = drive(operation, world)
        for (const name of turn(added, (at += 1), 1)) {
          const answer = await send(
            product,
            { ...driven, body: { ...driven.body, [name]: 'x' } },
            { as: whoMay(operation) },
          )
          expect(answer.status, `${operation.name} ${name} ${answer.text}`).toBe(422)
          expect(answer.body.errors.map(({ detail }: any) => detail)).toContain(
            `The field ${JSON.stringify(name)} is not known here.`,
          )
        }
        for (const text of turn([`{"__proto__":{"a":1},`, `{"a":1,"a":2,`], at, 1)) {
          const reply = await fetch(`${product.origin}${driven.path}`, {
            method: operation.method,
            headers: {
              Origin: product.origin,
              Cookie: whoMay(operation).cookie,
              'Content-Type': 'application/json',
            },
            body: `${text}${JSON.stringify(driven.body).slice(1)}`,
          })
          expect(reply.status, operation.name).toBe(400)
        }
      }
    })

    test('TRU-110: a body over 64 KiB, too deep, no object or no JSON is refused before anybody looks at it', async () => {
      const post = async (body: string, type = 'application/json') =>
        fetch(`${product.origin}/api/v1/w/${world.slug}/renters?mode=test`, {
          method: 'POST',
          headers: { Origin: product.origin, Cookie: world.session.cookie, 'Content-Type': type },
          body,
        })
      const codeOf = async (reply: Promise<Response>) => ((await (await reply).json()) as { code: string }).code
      expect(await codeOf(post(JSON.stringify({ name: 'x'.repeat(65_536) })))).toBe('body_too_large')
      expect(await codeOf(post(`{"name":${'['.repeat(33)}${']'.repeat(33)}}`))).toBe('malformed_body')
      for (const text of ['[]', '"text"', 'null', '{', '{"name":"\u0000"}', '{"a":1}{"b":2}'])
        expect(await codeOf(post(text)), text).toBe('malformed_body')
      expect(await codeOf(post('name=x', 'application/x-www-form-urlencoded'))).toBe('cross_site_request')
    })

    test('TRU-18: hostile words in filters, cursors and paths find nothing and break nothing', async () => {
      let at = 0
      const lists = ['/renters', '/invoices', '/spaces', '/leases', '/webhooks/events']
      const words = ['%00', "'%20or%201=1--", '%25', '_', '%5C', '%F0%9F%92%A9', '%ED%A0%80', 'x'.repeat(4000)]
      for (const path of lists) {
        for (const filter of ['text', 'after', 'renter', 'status', 'tab', 'limit', 'overdue']) {
          for (const word of turn(words, (at += 1), 2)) {
            const answer = await world.session.get(`${path}?${filter}=${word}`)
            expect(answer.status, `${path} ${filter}=${word.slice(0, 40)}`).toBeLessThan(500)
          }
        }
      }
      for (const after of ['2026-01-01.------------------------------------', `2026-02-31.${crypto.randomUUID()}`, '.'])
        expect((await world.session.get(`/invoices?after=${after}`)).status, after).toBe(200)
      const nul = await world.session.get('/renters?text=%00')
      expect(nul.body).toMatchObject({ code: 'input_refused', errors: [{ pointer: '/text' }] })
      for (const path of ['/api/v1/w/%00/renters', `/api/v1/w/${world.slug}/renters/%00`, '/api/v1/pay/%00', '/%00'])
        expect((await world.session.call('GET', path)).status, path).toBeLessThan(500)
      expect(product.logLines.filter((line) => line.includes('request failed'))).toEqual([])
    })

    test('TRU-14: what may be typed comes back as it was typed, unescaped in JSON and inert on the page', async () => {
      const names = ['<script>alert(1)</script>', '=1+1', '@SUM(1)', "O'Brien; drop table", '\u202Egnp.exe', '𝕏 Æ']
      for (const name of names) {
        const renter = await world.session.good('POST', '/renters', {
          kind: 'person',
          name,
          billingAddress: `1\n${name}`,
        })
        expect(await world.session.good('GET', `/renters/${renter.id}`)).toMatchObject({
          name,
          billingAddress: `1\n${name}`,
        })
      }
      const { status } = await invoiceOf(world.session, world.paidInvoiceId)
      expect(status).toBe('paid')
    })

    test('TRU-70: hostile words on the confirmation page open no workspace and do not spend the link', async () => {
      const slug = `link-${crypto.randomUUID().slice(0, 8)}`
      const email = `owner@${slug}.example`
      const name = '<img src=x onerror=alert(1)>'
      await world.session.good('POST', '/api/v1/sign-up', { name, email, slug })
      const token = await mailedToken(product, email)
      const place = { country: 'AU', currency: 'AUD', timeZone: 'Australia/Sydney' }
      const form = { token, password: 'correct horse battery staple', ...place }
      for (const field of ['country', 'currency', 'timeZone', 'password'] as const) {
        for (const text of [...broken, ...hostile.filter((one) => field !== 'password' || one.trim().length < 12)]) {
          const answer = await world.session.call('POST', '/api/v1/verify-email', { ...form, [field]: text })
          expect(answer.status, `${field} = ${JSON.stringify(text).slice(0, 40)} ${JSON.stringify(answer.body)}`).toBe(
            422,
          )
        }
      }
      const visitor = await signUp(product)
      expect(await visitor.good('POST', '/api/v1/verify-email', form)).toEqual({ slug })
    })
  })
}

/** Every text of a body, as the way to it. Of two shapes the one that is an object. */
function placesOf(schema: JsonSchema, way: readonly string[] = []): readonly (readonly string[])[] {
  if (schema.type === 'string') return [way]
  if (schema.anyOf)
    return [way, ...schema.anyOf.filter(({ type }) => type === 'object').flatMap((one) => placesOf(one, way))]
  const named = Object.entries(schema.properties ?? {}).flatMap(([name, one]) => placesOf(one, [...way, name]))
  return typeof schema.additionalProperties === 'object' ? [...named, [...way, 'month']] : named
}

function put(body: any, { place, value }: { place: readonly string[]; value: unknown }): void {
  const [name = '', ...rest] = place
  if (rest.length === 0) body[name] = value
  else {
    if (typeof body[name] !== 'object') body[name] = {}
    put(body[name], { place: rest, value })
  }
}

function expectSentence({ headers, body }: Answer, what: string): void {
  expect(headers.get('content-type'), what).toBe('application/problem+json')
  for (const text of [
    body.title,
    body.detail,
    body.nextStep,
    ...(body.errors ?? []).map(({ detail }: any) => detail),
  ]) {
    expect(text, what).toMatch(/\S/)
    expect(text, what).not.toMatch(/undefined|\[object|\bZod|expected \w+, received|\bplease\b|\boops\b/i)
  }
}
