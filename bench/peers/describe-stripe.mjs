/**
 * A description of Stripe's API for the migrations of `@stripe/sync-engine`, which build one generated column per member of an object.
 * Stripe's own description is used where STRIPE_OPENAPI names one; otherwise the members of the objects this bench sends are read from
 * the type declarations of the SDK the peer brings along, which Stripe generates from that description. Objects the bench never sends
 * keep the peer's own fallback tables.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const types = join(import.meta.dirname, 'node_modules/@stripe/sync-engine/node_modules/stripe/types')
const objects = {
  payment_intent: ['PaymentIntents.d.ts', 'PaymentIntent'],
  invoice: ['Invoices.d.ts', 'Invoice'],
  charge: ['Charges.d.ts', 'Charge'],
  refund: ['Refunds.d.ts', 'Refund'],
}

/** The members of an interface as `name → words of its type`. */
function membersOf(file, name) {
  const text = readFileSync(join(types, file), 'utf8').replaceAll(/\/\*\*[\s\S]*?\*\//g, '')
  const body = new RegExp(`^    interface ${name} \\{\\n([\\s\\S]*?)^    \\}`, 'm').exec(text)?.[1]
  if (body === undefined) throw new Error(`${file} declares no ${name}.`)
  return [...body.matchAll(/^ {6}(\w+)\??:\s*([^;]+);/gm)].map(([, member, type]) => [
    member,
    type
      .split('|')
      .map((word) => word.trim())
      .filter(Boolean),
  ])
}

function schemaOf(words) {
  const nullable = words.includes('null')
  const parts = words.filter((word) => word !== 'null' && word !== 'undefined')
  const isText = (word) => word === 'string' || word.startsWith("'")
  if (parts.every(isText)) return { type: 'string', nullable }
  if (parts.every((word) => word === 'number')) return { type: 'integer', nullable }
  if (parts.every((word) => word === 'boolean' || word === 'true' || word === 'false'))
    return { type: 'boolean', nullable }
  if (parts.some((word) => word === 'string')) {
    return { anyOf: [{ type: 'string' }], nullable, 'x-expansionResources': { oneOf: [] } }
  }
  // Unions of literals carry a name of their own in the declarations, like `PaymentIntent.Status`.
  const isNamedText =
    parts.length === 1 &&
    /\.(Status|CaptureMethod|ConfirmationMethod|SetupFutureUsage|CancellationReason|BillingReason|CollectionMethod|CustomerTaxExempt|Reason)$/.test(
      parts[0],
    )
  return isNamedText ? { type: 'string', nullable } : { type: 'object', nullable }
}

const given = process.env.STRIPE_OPENAPI
const [target] = process.argv.slice(2)
if (given) {
  writeFileSync(target, readFileSync(given))
} else {
  const schemas = Object.entries(objects).map(([resource, [file, name]]) => [
    resource,
    {
      'x-resourceId': resource,
      type: 'object',
      properties: Object.fromEntries(membersOf(file, name).map(([member, words]) => [member, schemaOf(words)])),
    },
  ])
  const description = {
    openapi: '3.0.0',
    info: { version: '2020-08-27' },
    components: { schemas: Object.fromEntries(schemas) },
  }
  writeFileSync(target, JSON.stringify(description))
}
