/**
 * SBX-51: the judge is judged. Real exchanges of the sandbox pass without a finding; the same ones with one fault planted give
 * exactly the findings of that fault.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sign } from '../../sandbox/stripe/delivery/signature.ts'
import { startBench, startReceiver, until } from '../../sandbox/stripe/test-bench.ts'
import type { Bench, Receiver } from '../../sandbox/stripe/test-bench.ts'
import { loadContract } from './derive/document.ts'
import { exceptions, mostExceptions } from './judge/exceptions.ts'
import { Judge } from './judge/judge.ts'
import type { Delivery, Exchange, Finding } from './judge/judge.ts'

type Body = Record<string, any>

const judge = new Judge(loadContract())
let bench: Bench
let receiver: Receiver
let secret: string
let payment: Exchange
let refund: Exchange
let decline: Exchange
let delivered: Delivery

beforeAll(async () => {
  bench = await startBench()
  receiver = await startReceiver()
  const stripe = bench.sdk('Harbour')
  const wanted = ['refund.created', 'charge.succeeded'] as const
  const endpoint = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: [...wanted] })
  secret = endpoint.secret ?? ''
  const base = 'amount=12500&currency=aud&confirm=true&allowed_payment_method_types[0]=card&payment_method='
  payment = await exchange('POST', '/v1/payment_intents', `${base}pm_card_bypassPending&metadata[lease]=7`)
  decline = await exchange('POST', '/v1/payment_intents', `${base}pm_card_chargeDeclined`)
  refund = await exchange('POST', '/v1/refunds', `payment_intent=${parse(payment).id}&amount=100&expand[]=charge`)
  await until(() => receiver.received.length === 2)
  const received = receiver.received.find(({ body }) => body.includes('"type": "refund.created"'))
  if (received === undefined) throw new Error('no refund.created came')
  const at = Number(/t=(\d+)/.exec(received.signature)?.[1])
  delivered = { body: received.body, signature: received.signature, secrets: [secret], at }
})

afterAll(async () => {
  await receiver?.close()
  await bench?.close()
})

/** A call as the product would make it, with everything that went over the wire. */
async function exchange(
  method: string,
  path: string,
  body = '',
  headers: Record<string, string> = {},
): Promise<Exchange> {
  const sent = {
    'stripe-version': '2026-10-28.endive',
    'content-type': 'application/x-www-form-urlencoded',
    ...headers,
  }
  const answer = await bench.raw(path, { method, headers: sent, ...(body !== '' && { body }) })
  const answerHeaders = Object.fromEntries(answer.headers)
  return {
    method,
    path,
    request: { headers: sent, body },
    answer: { status: answer.status, headers: answerHeaders, body: JSON.stringify(answer.body) },
  }
}

function parse({ answer }: Exchange): Body {
  return JSON.parse(answer.body) as Body
}

function judged(one: Exchange, isRequestJudged = true): readonly Finding[] {
  return judge.judgeExchange(one, { isRequestJudged })
}

function withRequest(one: Exchange, request: Partial<Exchange['request']>): Exchange {
  return { ...one, request: { ...one.request, ...request } }
}

/** The same answer with its body changed. */
function withAnswer(one: Exchange, change: (body: Body) => unknown): Exchange {
  const body = parse(one)
  const changed = change(body) ?? body
  return { ...one, answer: { ...one.answer, body: JSON.stringify(changed) } }
}

function withEvent(change: (event: Body) => void): readonly Finding[] {
  const event = JSON.parse(delivered.body) as Body
  change(event)
  return judge.judgeEvent(event)
}

const places = (findings: readonly Finding[]): string[] => findings.map(({ about, path }) => `${about} ${path}`)

test('what the sandbox really does gives no finding', () => {
  expect([...judged(payment), ...judged(decline), ...judged(refund), ...judge.judgeDelivery(delivered)]).toEqual([])
  expect([payment, decline, refund].map(({ answer }) => answer.status)).toEqual([200, 402, 200])
})

test('the list of exceptions stays short, and each says why', () => {
  expect(exceptions.length).toBeLessThanOrEqual(mostExceptions)
  expect(exceptions.filter(({ reason }) => reason.length < 20)).toEqual([])
})

describe('SBX-51: a wrong request is caught', () => {
  const wrongRequests: Record<string, { body: string; found: string[] }> = {
    'a misspelt parameter': { body: 'amount=1&currency=aud&custommer=cus_1', found: ['request /custommer'] },
    'a misspelt parameter in the depth': {
      body: 'amount=1&currency=aud&automatic_payment_methods[enabled]=true&automatic_payment_methods[redirects]=never',
      found: ['request /automatic_payment_methods/redirects'],
    },
    'a missing parameter': { body: 'currency=aud', found: ['request /amount'] },
    'an amount that is a text': { body: 'amount=ten&currency=aud', found: ['request /amount'] },
    'an amount with decimals': { body: 'amount=12.50&currency=aud', found: ['request /amount'] },
    'a flag that is none': { body: 'amount=1&currency=aud&confirm=yes', found: ['request /confirm'] },
    'a value outside the enum': {
      body: 'amount=1&currency=aud&capture_method=later',
      found: ['request /capture_method'],
    },
    'a list that is a text': {
      body: 'amount=1&currency=aud&allowed_payment_method_types=card',
      found: ['request /allowed_payment_method_types'],
    },
    'a group that is a text': { body: 'amount=1&currency=aud&metadata=lease', found: ['request /metadata'] },
  }

  test.each(Object.entries(wrongRequests))('%s', (_, { body, found }) => {
    expect(places(judged(withRequest(payment, { body })))).toEqual(found)
  })

  test('a JSON body', () => {
    const headers = { ...payment.request.headers, 'content-type': 'application/json' }
    const body = JSON.stringify({ amount: 1, currency: 'aud' })

    expect(places(judged(withRequest(payment, { headers, body })))).toContain('request Content-Type')
  })

  test('an unknown path', () => {
    expect(places(judged({ ...payment, path: '/v1/payment_intent' }))).toEqual(['operation '])
  })

  test('an account header that names no account', async () => {
    const account = { 'stripe-account': 'cus_123' }
    const answer = { ...payment.answer, headers: { ...payment.answer.headers, ...account } }
    const request = { ...payment.request, headers: { ...payment.request.headers, ...account } }

    expect(places(judged({ ...payment, request, answer }))).toEqual(['request Stripe-Account'])
  })

  test('a query with a filter that does not exist', async () => {
    const list = await exchange('GET', '/v1/refunds?limit=1')

    expect(judged(list)).toEqual([])
    expect(places(judged({ ...list, path: '/v1/refunds?invoice=in_1' }))).toEqual(['request /invoice'])
  })

  test('but not one that was wrong on purpose', () => {
    expect(judged(withRequest(payment, { body: 'custommer=1' }), false)).toEqual([])
  })
})

describe('SBX-51: a wrong answer is caught', () => {
  const wrongAnswers: Record<string, { change: (body: Body) => void; found: string[] }> = {
    'an ISO date in created': { change: (body) => (body['created'] = '2026-11-02T09:00:00Z'), found: ['/created'] },
    'an amount that is a text': { change: (body) => (body['amount'] = '100'), found: ['/amount'] },
    'an amount with decimals': { change: (body) => (body['amount'] = 1.5), found: ['/amount'] },
    'a wrong object': { change: (body) => (body['object'] = 'charge'), found: ['/object'] },
    'a missing field': { change: (body) => delete body['receipt_number'], found: ['/receipt_number'] },
    'a field too many': { change: (body) => (body['refunded'] = true), found: ['/refunded'] },
    'a value outside the enum': { change: (body) => (body['reason'] = 'because'), found: ['/reason'] },
    'null where it may not be': { change: (body) => (body['currency'] = null), found: ['/currency'] },
    'an id of something else': { change: (body) => (body['id'] = 'ch_1'), found: ['/id'] },
    'a reference to something else': {
      change: (body) => (body['payment_intent'] = 'seti_1'),
      found: ['/payment_intent'],
    },
    'a fault inside what was expanded': { change: (body) => delete body['charge'].paid, found: ['/charge/paid'] },
    'an expansion nobody asked for': {
      change: (body) => (body['payment_intent'] = parse(payment)),
      found: ['/payment_intent'],
    },
    'an expansion that did not happen': { change: (body) => (body['charge'] = body['charge'].id), found: ['/charge'] },
  }

  test.each(Object.entries(wrongAnswers))('%s', (_, { change, found }) => {
    const findings = judged(withAnswer(refund, (body) => void change(body)))

    expect(places(findings)).toEqual(found.map((path) => `answer ${path}`))
  })

  test('a wrong object inside a list', async () => {
    const list = await exchange('GET', '/v1/refunds')
    const planted = withAnswer(list, (body) => void (body['data'][0] = parse(payment)))

    expect(places(judged(planted))).toEqual(['answer /data/0'])
  })

  test('402 without the envelope', () => {
    expect(places(judged(withAnswer(decline, ({ error }) => error)))).toContain('answer /error')
  })

  test('402 that is no card error, and a code nobody knows', () => {
    const type = withAnswer(decline, (body) => void (body['error'].type = 'invalid_request_error'))
    const code = withAnswer(decline, (body) => void (body['error'].code = 'card_is_blue'))

    expect(places(judged(type))).toEqual(['answer /error/type'])
    expect(places(judged(code))).toEqual(['answer /error/code'])
  })

  test('a fault of the intent inside the envelope', () => {
    const planted = withAnswer(decline, (body) => void (body['error'].payment_intent.status = 'declined'))

    expect(places(judged(planted))).toEqual(['answer /error/payment_intent/status'])
  })

  test('HTML, and a success without a body', () => {
    const html = { ...refund, answer: { ...refund.answer, body: '<html>' } }

    expect(places(judged(html))).toEqual(['answer '])
    expect(places(judged({ ...html, answer: { ...html.answer, status: 502 } }))).toEqual(['answer '])
  })

  test('headers that are missing or not repeated', () => {
    const { 'request-id': _, ...headers } = refund.answer.headers
    const planted = { ...refund, answer: { ...refund.answer, headers: { ...headers, 'stripe-version': '2020-08-27' } } }

    expect(places(judged(planted))).toEqual(['answer Request-Id', 'answer stripe-version'])
  })
})

describe('SBX-51: a wrong event is caught', () => {
  test('a charge under refund.created', () => {
    const charge = parse(refund)['charge'] as Body

    expect(places(withEvent((event) => (event['data'].object = charge)))).toEqual(['event /data/object'])
  })

  const wrongEvents: Record<string, { change: (event: Body) => void; found: string[] }> = {
    'a type nobody knows': { change: (event) => (event['type'] = 'refund.done'), found: ['/type'] },
    'a missing field of the envelope': {
      change: (event) => delete event['pending_webhooks'],
      found: ['/pending_webhooks'],
    },
    'a field too many': { change: (event) => (event['data'].object.color = 'blue'), found: ['/data/object/color'] },
    'an ISO date in created': { change: (event) => (event['created'] = '2026-11-02'), found: ['/created'] },
    'a reference that is expanded': {
      change: (event) => (event['data'].object.charge = parse(refund)['charge']),
      found: ['/data/object/charge'],
    },
    'a change of a field that does not exist': {
      change: (event) => (event['data'].previous_attributes = { state: 'pending' }),
      found: ['/data/previous_attributes/state'],
    },
  }

  test.each(Object.entries(wrongEvents))('%s', (_, { change, found }) => {
    expect(places(withEvent(change))).toEqual(found.map((path) => `event ${path}`))
  })

  test('a changed field that was null before is no fault', () => {
    expect(withEvent((event) => (event['data'].previous_attributes = { status: null, amount: 5 }))).toEqual([])
  })
})

describe('SBX-51 and SBX-53: a wrong signature is caught', () => {
  test('a wrong one, a stale one, one of the future', () => {
    const { body, at } = delivered
    const planted = [sign(body, at, ['whsec_other']), sign(body, at - 301, [secret]), sign(body, at + 301, [secret])]

    for (const signature of planted)
      expect(places(judge.judgeDelivery({ ...delivered, signature }))).toEqual(['signature '])
  })

  test('one made with the secret without its whsec_', () => {
    const signature = sign(delivered.body, delivered.at, [secret.replace('whsec_', '')])

    expect(places(judge.judgeDelivery({ ...delivered, signature }))).toEqual(['signature '])
  })

  test('one of several secrets is enough', () => {
    expect(judge.judgeDelivery({ ...delivered, secrets: ['whsec_old', secret] })).toEqual([])
  })

  test('a body that was changed on the way', () => {
    const body = delivered.body.replace('"amount": 100', '"amount": 900')

    expect(places(judge.judgeDelivery({ ...delivered, body }))).toEqual(['signature '])
  })
})
