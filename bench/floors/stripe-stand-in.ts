/**
 * Stripe as `settle` needs it: every payment it is asked for has succeeded and is booked, and every answer takes 20 ms (PERF-50). A
 * stand-in instead of the sandbox, because 10,000 payments of 2,000 accounts would first have to be made there, and because its own
 * work must not compete for two cores with what is measured. `GET /reads` says how often each payment was asked for.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { amountMinor, chargeId, feeMinor, intentId, intentOf } from '../events.ts'

const answerAfterMs = Number(process.env['ANSWER_AFTER_MS'] ?? 20)
const created = 1_760_000_000
const reads = new Map<number, number>()

function chargeSeen(subject: number): Record<string, unknown> {
  return {
    id: chargeId(subject),
    object: 'charge',
    amount: amountMinor,
    amount_refunded: 0,
    captured: true,
    created,
    currency: 'aud',
    livemode: false,
    metadata: {},
    paid: true,
    payment_intent: intentId(subject),
    payment_method_details: { card: { brand: 'visa', last4: '4242' }, type: 'card' },
    refunded: false,
    status: 'succeeded',
    balance_transaction: {
      id: `txn_3Bench${subject}`,
      object: 'balance_transaction',
      amount: amountMinor,
      available_on: created + 172_800,
      created,
      currency: 'aud',
      exchange_rate: null,
      fee: feeMinor,
      fee_details: [
        { amount: feeMinor, application: null, currency: 'aud', description: 'Stripe fees', type: 'stripe_fee' },
      ],
      net: amountMinor - feeMinor,
      reporting_category: 'charge',
      source: chargeId(subject),
      status: 'pending',
      type: 'charge',
    },
  }
}

function answerTo(path: string): unknown {
  const subject = Number(/(?:pi|ch)_3Bench(\d{14})/.exec(path)?.[1] ?? Number.NaN)
  if (path.startsWith('/v1/payment_intents/') && !Number.isNaN(subject)) {
    reads.set(subject, (reads.get(subject) ?? 0) + 1)
    const shared = { created, currency: 'aud', livemode: false, customer: `cus_Bench${subject}` }
    return { ...intentOf(subject, { shared, status: 'succeeded' }), metadata: {}, latest_charge: chargeSeen(subject) }
  }
  if (path.startsWith('/v1/charges/') && !Number.isNaN(subject)) {
    reads.set(subject, (reads.get(subject) ?? 0) + 1)
    return chargeSeen(subject)
  }
  if (path.startsWith('/v1/refunds')) return { object: 'list', data: [], has_more: false, url: '/v1/refunds' }
  return undefined
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'request-id': 'req_BenchRead',
  })
  response.end(text)
}

const server = createServer((request, response) => {
  request.resume()
  const path = request.url ?? '/'
  if (path === '/reads') {
    const counts = [...reads.values()]
    return send(response, 200, { payments: counts.length, reads: counts.reduce((sum, one) => sum + one, 0) })
  }
  const body = answerTo(path)
  const missing = {
    error: { type: 'invalid_request_error', code: 'resource_missing', message: 'There is no such object.' },
  }
  setTimeout(() => send(response, body === undefined ? 404 : 200, body ?? missing), answerAfterMs)
})
server.keepAliveTimeout = 65_000
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`)
})
