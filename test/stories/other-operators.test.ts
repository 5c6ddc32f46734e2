/**
 * Every operation, asked by somebody who has no business there (TRU-1, TRU-280 in its quick form). Two operators have one of everything;
 * every text of the victim holds a canary. What surprises: an id of the victim in a body must be answered exactly as an id that never
 * existed, whatever that answer is, because a difference would tell that it exists.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { eventually, startProduct, type Product, type Session } from '#test/product'
import { expectUnchanged } from './fingerprints.ts'
import { allowed, expectNothingOf, placesOf, uuidOf } from './foreign.ts'
import { drive, expectRecipesToFit, isUnderOperator, readOperations, send } from './operations.ts'
import type { Operation } from './operations.ts'
import { signUp } from './walk.ts'
import { makeWorld, withUnknownIds, type World } from './world.ts'

const cursors: Readonly<Record<string, (world: World) => string>> = {
  'GET /renters': ({ renterId }) => renterId,
  'GET /leases': ({ leaseId }) => leaseId,
  'GET /spaces': ({ spaceId }) => spaceId,
  'GET /webhooks/events': ({ eventId }) => uuidOf(eventId),
  'GET /invoices': ({ today, openInvoiceId }) => `${today}.${uuidOf(openInvoiceId)}`,
}

for (const kind of inject('databaseKinds')) {
  describe(`another operator's things (${kind})`, () => {
    let product: Product
    let victim: World
    let own: World
    let operations: readonly Operation[]
    beforeAll(async () => {
      product = await startProduct(kind)
      operations = await readOperations(product)
      victim = await makeWorld(product)
      own = await makeWorld(product, { account: 'Keystone Storage' })
    })
    afterAll(() => product?.close())

    const underOperator = () => operations.filter(isUnderOperator)

    test('TRU-282: every operation of /openapi.json can be driven', () => {
      expectRecipesToFit(operations)
      expect(operations.map((operation) => drive(operation, own).path)).toHaveLength(operations.length)
      expect(underOperator().length).toBeGreaterThan(40)
    })

    test('TRU-1: without a session, and with one that was signed out, every operation of an operator answers 401 and nothing else', async () => {
      const former = await signUp(product)
      const cookie = former.cookie
      await former.good('POST', '/api/v1/sign-out')
      await expectUnchanged(product, victim.operatorId, async () => {
        const outside = operations.filter(({ access }) => access === 'signed_in' || access.startsWith('installation'))
        for (const operation of [...underOperator(), ...outside]) {
          for (const headers of [{}, { Cookie: cookie }, { Cookie: 'rentroll_dev=x.y' }]) {
            const answer = await send(product, drive(operation, victim), { headers })
            expect(answer.status, operation.name).toBe(401)
            expect(answer.body, operation.name).toEqual({
              type: 'urn:rentroll:problem:signed_out',
              title: 'Signed out',
              detail: 'You are not signed in.',
              nextStep: 'Sign in to continue.',
              code: 'signed_out',
              status: 401,
              requestId: expect.stringMatching(/^req_/),
            })
            expectNothingOf(victim, answer, operation.name)
          }
        }
      })
    })

    test("TRU-280: under the victim's address the owner of another operator finds nothing, in either mode", async () => {
      await expectUnchanged(product, victim.operatorId, async () => {
        for (const operation of underOperator()) {
          const driven = drive(operation, victim)
          for (const path of [driven.path, `${driven.path}?mode=test`, `${driven.path}?mode=live`]) {
            const answer = await send(product, { ...driven, path }, { as: own.session })
            expect(answer.status, `${operation.name} ${answer.text}`).toBe(404)
            expect(answer.body, operation.name).toMatchObject({ code: 'not_found' })
            expectNothingOf(victim, answer, operation.name)
          }
        }
      })
    })

    test('TRU-90: an operation of the installation does not exist for the owner of an operator', async () => {
      const ofInstallation = operations.filter(({ access }) => access.startsWith('installation'))
      expect(ofInstallation.length).toBeGreaterThan(4)
      for (const operation of ofInstallation) {
        const answer = await send(product, drive(operation, own), { as: own.session })
        expect(answer.status, operation.name).toBe(404)
        expect(answer.body, operation.name).toMatchObject({ code: 'not_found' })
      }
    })

    test("TRU-280: ids of the victim under one's own address are answered as ids that never existed", async () => {
      let asked = 0
      await expectUnchanged(product, victim.operatorId, async () => {
        for (const operation of underOperator()) {
          for (const { place, request } of placesOf(operation, { own, victim })) {
            const answer = await send(product, request(victim), { as: own.session })
            const unknown = await send(product, request(withUnknownIds(victim)), { as: own.session })
            const what = `${operation.name} with a foreign ${place}: ${answer.text}`
            expectNothingOf(victim, answer, what)
            expect(answer.status, what).toBe(unknown.status)
            expect({ ...answer.body, requestId: '' }, what).toEqual({ ...unknown.body, requestId: '' })
            expect(allowed[place[0] as '{' | '?'] ?? [404, 409, 422], what).toContain(answer.status)
            asked += 1
          }
        }
      })
      expect(asked).toBeGreaterThan(30)
    })

    test("TRU-280: a cursor of the victim pages through one's own rows only", async () => {
      for (const [name, cursor] of Object.entries(cursors)) {
        const operation = operations.find((one) => one.name === name)!
        const driven = drive(operation, own)
        const path = `${driven.path}?mode=test&after=${encodeURIComponent(cursor(victim))}`
        const answer = await send(product, { ...driven, path }, { as: own.session })
        expect(answer.status, `${name} ${answer.text}`).toBe(200)
        expectNothingOf(victim, answer, name)
      }
    })

    test('TRU-116: no reading of anything writes anything, HEAD and OPTIONS included', async () => {
      const reading = underOperator().filter(({ method }) => method === 'GET')
      expect(reading.length).toBeGreaterThan(15)
      await expectUnchanged(product, own.operatorId, async () => {
        for (const operation of reading) {
          const { path } = drive(operation, own)
          const headers = { Cookie: own.session.cookie }
          for (const method of ['GET', 'HEAD', 'OPTIONS']) {
            const reply = await fetch(`${product.origin}${path}`, { method, headers })
            expect(reply.status, `${method} ${path}`).toBe(method === 'OPTIONS' ? 404 : 200)
          }
        }
        for (const path of [`/pay/${own.token}`, `/api/v1/pay/${own.token}`, `/w/${own.slug}/invoices`, '/api/v1/me'])
          expect((await fetch(`${product.origin}${path}`)).status, path).toBe(200)
      })
    })

    test('STR-17: what belongs to test mode does not exist in live mode', async () => {
      const ofMode = /\{(renterId|leaseId|invoiceId|setupId|methodId|eventId)\}/
      for (const operation of underOperator().filter(({ path }) => ofMode.test(path))) {
        const driven = drive(operation, own)
        const answer = await send(product, { ...driven, path: `${driven.path}?mode=live` }, { as: own.session })
        expect(answer.status, `${operation.name} ${answer.text}`).toBe(404)
      }
    })

    test("TRU-281: the stream of another operator does not exist, and one's own tells nothing of theirs", async () => {
      const stream = operations.find(({ path }) => path === '/api/v1/stream')!
      expect((await send(product, drive(stream, victim), { as: own.session })).status).toBe(404)
      const heard = await listen(product, own.session)
      await victim.session.good('POST', '/renters', { kind: 'person', name: victim.canary })
      const mine = await own.session.good('POST', '/renters', { kind: 'person', name: 'Mine' })
      await eventually(
        async () => heard.text(),
        (text) => text.includes(mine.id),
      )
      const theirs = (await victim.session.good('GET', '/renters')).rows.map(({ id }: any) => id)
      expect(theirs.length).toBeGreaterThan(1)
      for (const id of theirs) expect(heard.text()).not.toContain(id)
      expect(heard.text()).not.toContain(uuidOf(victim.operatorId))
      await heard.stop()
    })

    test('TRU-282: the owner drives every one of them, so that no refusal above was for a request nobody understands', async () => {
      // These end what others need.
      const last = ['POST /settings/tax-rates/{taxRateId}/retire', 'POST /connections/stripe/disconnect']
      const [ending, others] = [true, false].map((is) =>
        underOperator().filter(({ name }) => last.includes(name) === is),
      )
      for (const operation of [...others!, ...ending!]) {
        const answer = await send(product, drive(operation, own), { as: own.session })
        const refusedByState = operation.name.endsWith('/cancel-payment') ? 404 : 409
        expect([200, 201, 204, refusedByState], `${operation.name} ${answer.text}`).toContain(answer.status)
      }
    })
  })
}

async function listen(product: Product, session: Session) {
  const ending = new AbortController()
  const reply = await fetch(`${product.origin}/api/v1/stream?operator=${session.slug}&mode=test`, {
    headers: { Cookie: session.cookie },
    signal: ending.signal,
  })
  let text = ''
  const reading = (async () => {
    for await (const chunk of reply.body!) text += Buffer.from(chunk).toString()
  })().catch(() => undefined)
  return {
    text: () => text,
    stop: async () => {
      ending.abort()
      await reading
    },
  }
}
