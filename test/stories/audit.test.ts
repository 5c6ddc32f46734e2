/**
 * The audit log over the whole API (TRU-95): every operation that changes something leaves an entry that says who did it, or stands below
 * with its reason. An operation nobody has thought about fails here.
 */
import { beforeAll, expect, test } from 'vitest'
import { eachProduct, type Session } from '#test/product'
import { drive, readOperations, send, type Operation } from './operations.ts'
import { makeWorld, type World } from './world.ts'

/** These change nothing that a person would look for: each has its reason. */
const withoutEntry: Readonly<Record<string, string>> = {
  'POST /api/v1/sign-up': 'nobody works anywhere yet',
  'POST /api/v1/sign-up/resend': 'nobody works anywhere yet',
  'POST /api/v1/verify-email': 'opens the workspace; its log begins with what is done there',
  'POST /api/v1/sign-out': 'ends a session, whose beginning is noted',
  'POST /api/v1/forgotten-password': 'mails a link; the new password is noted',
  'POST /api/v1/connect/return': 'reads the account again',
  'POST /connect/check': 'reads the account again',
  'POST /connections/stripe/test': 'asks Stripe and changes nothing',
  'POST /connections/stripe/endpoint/check': 'reads the endpoint again',
  'POST /webhooks/endpoints/{endpointId}/check': 'reads the endpoint again',
  'POST /webhooks/endpoints/{endpointId}/test': 'sends a test event that changes nothing',
  'POST /diagnosis/run': 'asks and changes nothing',
  'POST /diagnosis/connection-test': 'asks and changes nothing',
  'POST /diagnosis/payments/check': 'reads payments again',
  'POST /check-out/preview': 'reckons and writes nothing',
  'POST /leases/{leaseId}/end/preview': 'reckons and writes nothing',
  'POST /invoices/{invoiceId}/check-again': 'reads the payment again',
  'POST /renters/{renterId}/setups/{setupId}/check': 'reads the saved card again',
  'POST /setups/{setupId}/check': 'reads the saved card again',
  'POST /onboarding/steps/{step}': 'a mark on the owner’s own list of first steps',
  'POST /onboarding/checklist/dismiss': 'a mark on the owner’s own list of first steps',
  'POST /api/v1/pay/{token}/check': 'reads the payment again',
}

eachProduct('the audit log', (product) => {
  let world: World
  let operations: readonly Operation[]
  beforeAll(async () => {
    world = await makeWorld(product())
    operations = await readOperations(product())
  }, 120_000)

  const log = async (session: Session) => (await session.good('GET', '/audit')).rows as any[]

  test('TRU-95: each operation that changes something leaves its entry, or has a reason', async () => {
    const silent: string[] = []
    const refused: string[] = []
    const writing = operations.filter(({ method }) => method !== 'GET').toSorted(lastThings)
    for (const operation of writing) {
      const [before] = await log(world.session)
      const { status } = await send(product(), drive(operation, world), { as: world.session })
      if (status >= 400) {
        refused.push(operation.name)
        continue
      }
      const [after] = await log(world.session)
      if (after.seq === before.seq && !(operation.name in withoutEntry)) silent.push(operation.name)
    }
    console.log(refused)
    expect(silent).toEqual([])
  })
})

/** What takes the ground from under the others comes last. */
function lastThings(one: Operation, other: Operation): number {
  const rank = ({ name }: Operation) => (/disconnect|sign-out/.test(name) ? 2 : /void|cancel|retire/.test(name) ? 1 : 0)
  return rank(one) - rank(other)
}
