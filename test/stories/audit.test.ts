/**
 * The audit log over the whole API (TRU-95): every operation that changes something leaves an entry that says who did it, or stands below
 * with its reason. An operation nobody has thought about fails here.
 */
import { beforeAll, expect, test } from 'vitest'
import { inScope } from '#platform'
import { eachProduct, eventually, requestKey, Session, type Product } from '#test/product'
import { drive, readOperations, send, type Operation } from './operations.ts'
import { cardOnFile, checkOut, furnish, saveCard } from './walk.ts'
import { makeWorld, type World } from './world.ts'

/** These change nothing that a person would look for. */
const withoutEntry: Readonly<Record<string, string>> = {
  'POST /api/v1/sign-up': 'nobody works anywhere yet',
  'POST /api/v1/sign-up/resend': 'nobody works anywhere yet',
  'POST /api/v1/verify-email': 'opens the workspace; its log begins with what is done there',
  'POST /api/v1/demo/sign-in': 'noted in the log of the demo operator',
  'POST /api/v1/sign-out': 'ends a session, whose beginning is noted',
  'POST /api/v1/forgotten-password': 'mails a link; the new password is noted',
  'POST /api/v1/connect/return': 'reads the account again',
  'POST /api/v1/pay/{token}/check': 'reads the payment again',
  'POST /api/v1/pay/{token}/authenticate': 'leads the renter to their bank',
  'POST /invoices/{invoiceId}/authenticate': 'leads the renter to their bank',
  'POST /invoices/{invoiceId}/check-again': 'reads the payment again',
  'POST /setups/{setupId}/check': 'reads the saved card again',
  'POST /check-out/preview': 'reckons and writes nothing',
  'POST /connect/check': 'reads the account again',
  'POST /connections/stripe/test': 'asks Stripe and changes nothing',
  'POST /connections/stripe/endpoint/check': 'reads the endpoint again',
  'POST /webhooks/endpoints/{endpointId}/check': 'reads the endpoint again',
  'POST /webhooks/endpoints/{endpointId}/test': 'sends a test event that changes nothing',
  'POST /webhooks/missed/preview': 'counts and changes nothing',
  'POST /payouts/{payoutId}/check': 'reads the payout again',
  'POST /diagnosis/check-payouts': 'reads payouts again',
  'POST /api/v1/installation/{mode}/check': 'asks Stripe and changes nothing',
  'POST /diagnosis/run': 'asks and changes nothing',
  'POST /diagnosis/test-again': 'asks and changes nothing',
  'POST /diagnosis/check-payments': 'reads payments again',
  'POST /onboarding/steps/{step}': 'a mark on the owner’s own list of first steps',
  'POST /onboarding/dismiss': 'a mark on the owner’s own list of first steps',
}

/** What a state refuses here, by the entry that stands in the log when it is done: by the world, by this story, or by the one named. */
const entryOf: Readonly<Record<string, string>> = {
  'POST /api/v1/sign-in': 'session.signed_in',
  'POST /api/v1/step-up': 'session.proven_again',
  'POST /api/v1/me/password': 'person.password_changed',
  'POST /check-out': 'lease.checked_out',
  'POST /invoices/{invoiceId}/take-payment': 'payment.charge_requested',
  'POST /invoices/{invoiceId}/void': 'invoice.voided',
  'POST /leases/{leaseId}/cancel': 'invoice.voided',
  'POST /connections/stripe/endpoint': 'endpoint.created',
  'POST /webhooks/endpoints/{endpointId}/rotations': 'rotation.started',
  'POST /diagnosis/repair-webhook': 'endpoint.repaired',
}
const elsewhere: Readonly<Record<string, string>> = {
  'POST /api/v1/reset-password': 'identity.test.ts',
  'POST /api/v1/connect/resume/{token}': 'resume-code.test.ts',
  'POST /api/v1/connect/resume/{token}/code': 'resume-code.test.ts',
  'POST /api/v1/connect/resume/{token}/pass': 'resume-code.test.ts',
  'POST /api/v1/connect/resume/{token}/mail': 'the new link is noted as connection.resume_link_made',
  'POST /webhooks/endpoints/{endpointId}/rotations/{rotationId}/confirm': 'as rotation.cancelled, in the same deed',
  'POST /webhooks/endpoints/{endpointId}/rotations/{rotationId}/end-old': 'as rotation.cancelled, in the same deed',
  'POST /payouts/{payoutId}/retry': 'failed-payouts.test.ts',
  'POST /diagnosis/retry-payout': 'the same deed as the retry of a payout',
  'POST /api/v1/installation/{mode}/repair': 'diagnosed-connect.test.ts',
  'POST /api/v1/installation/{mode}/endpoints/{kind}/rotate': 'as installation.repaired, beside it',
  'POST /api/v1/installation/dead-letters/{letterId}/replay': 'as installation.repaired, beside it',
  'POST /api/v1/installation/dead-letters/{letterId}/dismiss': 'as installation.repaired, beside it',
  'POST /webhooks/events/{eventId}/dismiss': 'webhook-events.test.ts',
  'POST /webhooks/events/replay-dead': 'webhook-events.test.ts',
  'POST /invoices/{invoiceId}/refunds/{refundId}': 'diagnosed-refund.test.ts',
  'POST /invoices/{invoiceId}/refunds/{refundId}/retry': 'refund-list.test.ts, as refund.requested',
  'POST /diagnosis/refund': 'the same deed as the decision about a refund',
  'POST /api/v1/method-links/{token}/setup': 'as renter.card_page_opened, in the same deed',
  'POST /connections/{connectionId}/finish': 'noted by finish-draining.ts when a connection drains',
  'POST /connections/{connectionId}/ask-renters': 'noted by ask-renters.ts when there is somebody to ask',
  'POST /invoices/{invoiceId}/cancel-payment': 'noted as payment.cancelled once Stripe has let go of it',
}

eachProduct(
  'the audit log',
  (product) => {
    let world: World
    let operations: readonly Operation[]
    beforeAll(async () => {
      world = await makeWorld(product())
      await chargeByHand(world, product())
      operations = await readOperations(product())
    })

    /** The number of the last entry, straight from the table: it is asked for after every operation. */
    const last = () =>
      inScope(product().ground.database, { operatorId: world.operatorId, mode: 'test' }, async (rows) => {
        const head = await rows.selectFrom('app.audit_heads').select('seq').executeTakeFirstOrThrow()
        return BigInt(head['seq'])
      })
    /** Newest first, down to the one with this number. */
    const log = async (downTo = 0n): Promise<any[]> => {
      const found: any[] = []
      for (let before = '999999'; ;) {
        const { rows, next } = await world.session.good('GET', `/audit?before=${before}`)
        found.push(...rows)
        if (next === undefined || BigInt(next) <= downTo) return found.filter(({ seq }) => BigInt(seq) > downTo)
        before = next
      }
    }
    const isNamed = ({ name }: Operation) => [withoutEntry, entryOf, elsewhere].some((list) => name in list)

    test('TRU-95: each operation that changes something leaves its entry, or is named with its reason', async () => {
      const silent: string[] = []
      const began = await last()
      let seen = began
      for (const operation of operations.filter(isWriting).toSorted(lastThings)) {
        if (operation.name in withoutEntry) continue
        const { status } = await send(product(), drive(operation, world), { as: world.session })
        const now = await last()
        if (!(status < 400 && now > seen) && !isNamed(operation)) silent.push(`${operation.name} ${status}`)
        seen = now
      }
      expect(silent).toEqual([])
      const entries = await log(began)
      for (const { actor, address, requestId, actorKind } of entries) {
        expect([actor, address, actorKind]).toEqual([`${world.canary} Owner`, '127.0.0.0/24', 'person'])
        expect(requestId).toMatch(/^req_/)
      }
      expect(JSON.stringify(entries)).not.toMatch(/sk_(test|live)_|whsec_|correct horse/)
    })

    test('TRU-95: what those requests were refused is noted when it is done', async () => {
      const { session, slug } = world
      const second = new Session(product().origin)
      const { password } = session
      await second.good('POST', '/api/v1/sign-in', { email: `owner@${slug}.example`, password })
      await second.good('POST', '/api/v1/step-up', { method: 'password', password })
      const set = await furnish(session, { manual: true })
      const { invoiceId } = await checkOut(session, set)
      await session.good('POST', `/invoices/${invoiceId}/void`, { reason: 'Wrong space' })
      await session.good('POST', '/api/v1/me/password', { present: password, password: 'four green teapots sing' })
      const entries = await log()
      const actions = entries.map(({ action }) => action)
      expect(actions).toEqual(expect.arrayContaining([...new Set(Object.values(entryOf))]))
      expect(await session.good('GET', '/audit/chain')).toMatchObject({
        isWhole: true,
        entries: String(entries.length),
      })
    })

    test('every reason is for an operation there is', () => {
      const names = operations.filter(isWriting).map(({ name }) => name)
      const named = Object.keys({ ...withoutEntry, ...entryOf, ...elsewhere })
      expect(named.filter((name) => !names.includes(name))).toEqual([])
    })
  },
  { isPlatform: true },
)

/** A card that is declined, charged once more at a press: the walk finds no invoice it could charge. */
async function chargeByHand({ session }: World, product: Product): Promise<void> {
  const set = await furnish(session, { manual: true })
  const { invoiceId } = await checkOut(session, set)
  await saveCard(session, product, set.renterId, '4000000000000341')
  await cardOnFile(session, set.renterId)
  const [{ id: methodId }] = (await session.good('GET', `/renters/${set.renterId}`)).methods
  const path = `/api/v1/w/${session.slug}/invoices/${invoiceId}/take-payment?mode=test`
  const press = () => session.call('POST', path, { requestKey: requestKey(), methodId })
  await eventually(press, ({ status }) => status < 300)
}

function isWriting({ method }: Operation): boolean {
  return method !== 'GET'
}

/** What takes the ground from under the others comes last. */
function lastThings(one: Operation, other: Operation): number {
  const ranks = [/disconnect/, /disconnect|void|cancel|retire/]
  const rankOf = ({ name }: Operation) => ranks.filter((words) => words.test(name)).length
  return rankOf(one) - rankOf(other)
}
