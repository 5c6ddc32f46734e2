/** Faults to arm with one press, each with what a person should then see in the product (UI-214). */

export interface FaultPreset {
  name: string
  title: string
  /** What Rentroll does about it. */
  expect: string
  /** As the control API takes it: `POST /_sandbox/faults`. */
  fault: { where: 'api' | 'webhook'; effect: Record<string, unknown>; match?: Record<string, unknown>; times?: number }
}

export const FAULT_PRESETS: readonly FaultPreset[] = [
  {
    name: 'lose_answer',
    title: 'Take the next payment, lose the answer',
    expect: 'The charge exists once. Rentroll asks again with the same idempotency key and the invoice turns Paid.',
    fault: {
      where: 'api',
      effect: { kind: 'drop_after' },
      match: { method: 'POST', path: '^/v1/payment_intents' },
      times: 1,
    },
  },
  {
    name: 'fail_before',
    title: 'Answer the next call with 500, do nothing',
    expect: 'Nothing was charged. Rentroll tries again and goes on.',
    fault: { where: 'api', effect: { kind: 'status_before', status: 500 }, times: 1 },
  },
  {
    name: 'limit',
    title: 'Answer the next three calls with 429',
    expect: 'Rentroll waits longer before each new try; nothing is charged twice.',
    fault: { where: 'api', effect: { kind: 'status_before', status: 429 }, times: 3 },
  },
  {
    name: 'outage',
    title: 'Answer every call with 503',
    expect: 'Test Connection fails in words. Payments wait until the fault is cleared.',
    fault: { where: 'api', effect: { kind: 'status_before', status: 503 } },
  },
  {
    name: 'lose_webhooks',
    title: 'Deliver no webhook',
    expect: 'The invoice still turns Paid within two minutes, because Rentroll asks by itself.',
    fault: { where: 'webhook', effect: { kind: 'drop' } },
  },
  {
    name: 'twice',
    title: 'Deliver the next webhook twice',
    expect: 'The second delivery changes nothing.',
    fault: { where: 'webhook', effect: { kind: 'duplicate', copies: 1 }, times: 1 },
  },
  {
    name: 'wrong_secret',
    title: 'Sign the next webhook with another secret',
    expect: 'Rentroll answers 400 "invalid signature" and changes nothing; the next try passes.',
    fault: { where: 'webhook', effect: { kind: 'wrong_secret' }, times: 1 },
  },
  {
    name: 'stale',
    title: 'Sign the next webhook with a time one hour ago',
    expect: 'Rentroll answers 400 and changes nothing; the next try passes.',
    fault: { where: 'webhook', effect: { kind: 'stale', seconds: 3600 }, times: 1 },
  },
]
