/**
 * SBX-50: the contract is what the installed `stripe` package declares, and the repository knows which one that is. After an
 * upgrade this test lists what changed; `STRIPE_CONTRACT=write npx vitest run test/contract/contract.test.ts` accepts it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { deriveContract, digestOf } from './derive/document.ts'
import { nameOfReference } from './derive/schemas.ts'
import type { Schema } from './derive/schemas.ts'
import { compare, summarise } from './derive/summary.ts'

const file = join(import.meta.dirname, 'summary.txt')
const contract = deriveContract()
const summary = summarise(contract)

test('SBX-50: nothing changed since the contract was last accepted', () => {
  if (process.env['STRIPE_CONTRACT'] === 'write') writeFileSync(file, `${summary.join('\n')}\n`)
  const accepted = readFileSync(file, 'utf8').trim().split('\n')

  expect(compare(accepted, summary)).toEqual([])
  expect(accepted).toContain(`digest ${digestOf(contract)}`)
})

test('SBX-50: it is derived whole', () => {
  const operations = Object.values(contract.paths).flatMap((methods) => Object.keys(methods))

  expect(contract.info.version).toMatch(/^\d{4}-\d\d-\d\d\.[a-z]+$/)
  expect(operations.length).toBeGreaterThan(600)
  expect(Object.keys(contract['x-events']).length).toBeGreaterThan(250)
})

test('every reference leads somewhere', () => {
  const missing = new Set<string>()
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { $ref } = value as Schema
    if (typeof $ref === 'string' && contract.components.schemas[nameOfReference($ref)] === undefined) missing.add($ref)
    Object.values(value).forEach(visit)
  }
  visit(contract)

  expect([...missing]).toEqual([])
})

test('what a declaration says is in the document: closed, required, nullable, expandable, enumerated', () => {
  const { Refund, 'Refund.Reason': reasons, RefundCreateParams } = contract.components.schemas

  expect(Refund?.additionalProperties).toBe(false)
  expect(Refund?.required).toContain('receipt_number')
  expect(Refund?.required).not.toContain('next_action')
  expect(Refund?.properties?.['object']).toEqual({ const: 'refund' })
  expect(Refund?.properties?.['charge']).toEqual({
    anyOf: [{ type: 'string' }, { $ref: '#/components/schemas/Charge' }, { type: 'null' }],
  })
  expect(reasons?.enum).toContain('requested_by_customer')
  expect(Object.keys(RefundCreateParams?.properties ?? {})).toContain('payment_intent')
})

test('an event carries its own object and the changes of that object', () => {
  const schema = contract['x-events']['refund.updated']
  const data = contract.components.schemas[`${nameOfReference(schema?.$ref ?? '')}.Data`]

  expect(data?.properties).toEqual({
    object: { $ref: '#/components/schemas/Refund' },
    previous_attributes: { 'x-partial': { $ref: '#/components/schemas/Refund' } },
  })
})

test('a method with two requests gives two operations, and the second API is there too', () => {
  expect(contract.paths['/v1/account']?.['get']?.answer).toEqual({ $ref: '#/components/schemas/Account' })
  expect(contract.paths['/v1/accounts/{id}']?.['get']?.answer).toEqual({ $ref: '#/components/schemas/Account' })
  expect(Object.keys(contract.paths['/v2/core/accounts'] ?? {})).toEqual(['get', 'post'])
})

test('a change of a field, a new operation and one that is gone are told apart', () => {
  const planted = structuredClone(contract) as any
  planted.components.schemas['Refund.Reason'].enum.push('bored')
  planted.paths['/v1/refunds/{id}/hurry'] = planted.paths['/v1/refunds/{id}/cancel']
  delete planted.paths['/v1/refunds/{id}/cancel']

  expect(compare(summary, summarise(planted)).filter((line) => !line.includes('digest'))).toEqual([
    'gone: operation POST /v1/refunds/{id}/cancel',
    'new: operation POST /v1/refunds/{id}/hurry',
    'changed: object Refund',
  ])
})
