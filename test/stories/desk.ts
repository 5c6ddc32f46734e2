/**
 * One operator with Stripe connected, and the ways in which somebody at its desk is refused: with exactly these words, and not one row
 * changed.
 */
import { expect } from 'vitest'
import { expectBooksToHold, type Product, type Session } from '#test/product'
import { expectUnchanged, operatorIdOf, untilAtRest, untilDelivered } from './fingerprints.ts'
import { addFunds, cardOnFile, connectStripe, furnish, saveCard, signUp, today, type Set } from './walk.ts'

export type Said = {
  readonly status: number
  readonly code?: string
  readonly title: string
  readonly detail: string
  readonly nextStep: string
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[]
}

export type Desk = Awaited<ReturnType<typeof openDesk>>

export async function openDesk(product: Product) {
  const session: Session = await signUp(product)
  await connectStripe(session, product)
  await addFunds(product)
  const started = await today(session)
  const operatorId = await operatorIdOf(product, session)
  await untilAtRest(product, session, operatorId)
  const wishFor = (set: Set) => ({
    spaceId: set.spaceId,
    renterId: set.renterId,
    interval: 'month',
    startOn: started,
    deposit: 'standard',
  })
  return {
    session,
    operatorId,
    started,
    wishFor,
    async expectRefused(path: string, body: object, said: Said): Promise<void> {
      await untilDelivered(product)
      const reply = await expectUnchanged(product, operatorId, () => session.refused('POST', path, body))
      const { type: _type, requestId: _requestId, code, errors, ...words } = reply.body
      const shown = { ...words, ...(said.code !== undefined && { code }), ...(said.errors && { errors }) }
      expect(shown, `${path} ${JSON.stringify(body)}`).toEqual(said)
    },
    async withCard(number?: string): Promise<Set> {
      const set = await furnish(session)
      await saveCard(session, product, set.renterId, number)
      await cardOnFile(session, set.renterId)
      return set
    },
    methodOf: async ({ renterId }: Set) => (await session.good('GET', `/renters/${renterId}`)).methods[0].id,
    hashFor: async (wish: object) => (await session.good('POST', '/check-out/preview', wish)).previewHash,
    quiet: () => untilAtRest(product, session, operatorId),
    holds: () => expectBooksToHold(product, { operatorId, mode: 'test' }),
  }
}

const unreadable = 'Enter the amount in AUD, with no more decimals than the currency has.'

/** How an amount nobody can read is refused. */
export const unreadableAmount: Said = {
  status: 422,
  code: 'input_refused',
  title: 'There is a problem',
  detail: unreadable,
  nextStep: 'Correct the fields named below and send again.',
  errors: [{ pointer: '/amount', detail: unreadable }],
}
