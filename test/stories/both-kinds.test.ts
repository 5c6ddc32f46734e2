/**
 * An operator with own keys and one with a connected account on one installation: what belongs to either does not exist for the other, on
 * any route, and trying writes nothing (must show 8 of the fourth issue; TRU-280).
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { startProduct, type Product } from '#test/product'
import { expectUnchanged, holdJobs } from './fingerprints.ts'
import { allowed, expectNothingOf, placesOf } from './foreign.ts'
import { drive, isUnderOperator, readOperations, send, type Operation } from './operations.ts'
import { makeWorld, withUnknownIds, type World } from './world.ts'

for (const kind of inject('databaseKinds')) {
  describe(`both kinds of operator (${kind})`, () => {
    let product: Product
    let operations: readonly Operation[]
    const worlds = {} as Record<'keys' | 'connected', World>
    beforeAll(async () => {
      product = await startProduct(kind, { isPlatform: true })
      operations = (await readOperations(product)).filter(isUnderOperator)
      worlds.keys = await makeWorld(product)
      worlds.connected = await makeWorld(product, { isConnected: true })
      // A connected account is asked about again and again for half a minute after the way back from Stripe's form.
      await holdJobs(product)
    })
    afterAll(() => product?.close())

    for (const [own, victim] of [
      ['keys', 'connected'],
      ['connected', 'keys'],
    ] as const) {
      test(`TRU-280: with ${own}, nothing under the address of the one with ${victim} exists, and nothing is written`, async () => {
        await expectUnchanged(product, worlds[victim].operatorId, async () => {
          for (const operation of operations) {
            const answer = await send(product, drive(operation, worlds[victim]), { as: worlds[own].session })
            expect(answer.status, `${operation.name} ${answer.text}`).toBe(404)
            expectNothingOf(worlds[victim], answer, operation.name)
          }
        })
      })

      test(`TRU-280: with ${own}, ids of the one with ${victim} are answered as ids that never existed`, async () => {
        let asked = 0
        await expectUnchanged(product, worlds[victim].operatorId, async () => {
          const both = { own: worlds[own], victim: worlds[victim] }
          for (const operation of operations) {
            for (const { place, request } of placesOf(operation, both)) {
              const answer = await send(product, request(both.victim), { as: both.own.session })
              const unknown = await send(product, request(withUnknownIds(both.victim)), { as: both.own.session })
              const what = `${operation.name} with a foreign ${place}: ${answer.text}`
              expectNothingOf(both.victim, answer, what)
              expect({ ...answer.body, requestId: '' }, what).toEqual({ ...unknown.body, requestId: '' })
              expect(allowed[place[0] as '{' | '?'] ?? [404, 409, 422], what).toContain(answer.status)
              asked += 1
            }
          }
        })
        expect(asked).toBeGreaterThan(30)
      })
    }
  })
}
