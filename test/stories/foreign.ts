/**
 * Requests that name somebody else's things: each place of an operation where an id may stand, and what may be answered there. An id of
 * another operator must be answered exactly as one that never existed (TRU-280).
 */
import { expect } from 'vitest'
import { drive, type Answer, type Driven, type Operation } from './operations.ts'
import type { World } from './world.ts'

/** Path parameters, members of bodies and filters that name a thing of ours. */
const idNames = ['taxRateId', 'categoryId', 'spaceId', 'renterId', 'methodId', 'paymentId'] as const

/** Neither a word nor an id of this operator stands in the answer. */
export function expectNothingOf(world: World, answer: Answer, what: string): void {
  const said = `${JSON.stringify([...answer.headers])} ${answer.text}`.toLowerCase()
  expect(said, what).not.toContain(world.canary.toLowerCase())
  for (const id of [world.renterId, world.openInvoiceId, world.operatorId])
    expect(said, what).not.toContain(uuidOf(id).replaceAll('-', ''))
}

/** A place in the path, in a filter; anywhere else it is a member of the body. */
export const allowed = { '{': [404], '?': [200] } as const

type Two = { readonly own: World; readonly victim: World }

/** Each place of an operation that names a thing of ours, with a request that is one's own except for that one id. */
export function placesOf(operation: Operation, { own }: Two) {
  const parameters = [...operation.path.matchAll(/\{(\w+Id)\}/g)].map(([, name]) => name as keyof World)
  const inPath = parameters.map((name) => ({
    place: `{${name}}`,
    request: (other: World): Driven => drive(operation, mixed(own, other, name)),
  }))
  const { body } = drive(operation, own)
  const inBody = idNames
    .filter((name) => body && name in body)
    .map((name) => ({
      place: name,
      request: (other: World): Driven => {
        const driven = drive(operation, own)
        return { ...driven, body: { ...driven.body, [name]: other[name] } }
      },
    }))
  const inFilter = operation.filters
    .filter((name) => name === 'renter')
    .map(() => ({
      place: '?renter',
      request: (other: World): Driven => {
        const driven = drive(operation, own)
        return { ...driven, path: `${driven.path}?renter=${other.renterId}` }
      },
    }))
  return [...inPath, ...inBody, ...inFilter]
}

function mixed(own: World, other: World, name: keyof World): World {
  const invoices = name === ('invoiceId' as keyof World) && {
    openInvoiceId: other.openInvoiceId,
    paidInvoiceId: other.paidInvoiceId,
  }
  return { ...own, [name]: other[name], ...invoices }
}

export function uuidOf(id: string): string {
  const hex = id.replaceAll('-', '').split('_').at(-1)!
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
