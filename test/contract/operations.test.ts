/** SBX-45: the table of operations names every operation the sandbox answers, and a test that is there. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { modules } from '../../sandbox/stripe/modules.ts'
import { loadContract } from './derive/document.ts'
import { exceptions } from './judge/exceptions.ts'
import { OperationFinder } from './judge/operation-finder.ts'
import { readTable } from './run/operations-seen.ts'

const answered = modules.flatMap(({ operations }) => operations.map(({ method, path }) => `${method} ${path}`))
const rows = readTable()

/** They are there to say no in Stripe's words; what would let them say yes is not built. */
const alwaysRefused = new Map([
  ['POST /v1/refunds/:id/cancel', 'no refund of the sandbox waits for the payer (requires_action)'],
])

test('SBX-45: no operation of the sandbox is without a test that drives it, and no row without an operation', () => {
  const listed = rows.map(({ operation }) => operation)

  expect(answered.filter((operation) => !listed.includes(operation))).toEqual([...alwaysRefused.keys()])
  expect(listed.filter((operation) => !answered.includes(operation))).toEqual([])
  expect(rows.filter(({ file }) => !existsSync(join(import.meta.dirname, '../..', file)))).toEqual([])
})

test('SBX-50: the sandbox answers no operation that Stripe does not have', () => {
  const finder = new OperationFinder(loadContract().paths)
  const unknown = answered.filter((operation) => {
    const [method = '', path = ''] = operation.split(' ')
    const isExcepted = exceptions.some(({ about, where }) => about === 'operation' && where.test(operation))
    return !isExcepted && finder.find(method, path) === undefined
  })

  expect(unknown).toEqual([])
})
