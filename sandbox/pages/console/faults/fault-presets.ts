/** Faults to arm with one press, each with what a person should then see in the product and how it ends (UI-214). */

import type { Where } from '../../../stripe/faults/effects.ts'

export interface FaultPreset {
  name: string
  title: string
  /** What the product does about it. */
  expect: string
  /** How the sandbox comes back to a good day. */
  undo: string
  /** As the control API takes it: `POST /_sandbox/faults`. */
  fault: {
    where: Where
    effect: Record<string, unknown>
    match?: Record<string, unknown>
    times?: number
  }
}

export const FAULT_PRESETS: readonly FaultPreset[] = [
  {
    name: 'lose_answer',
    title: 'Take the next payment, lose the answer',
    expect: 'The charge exists once. The product asks again with the same idempotency key and the invoice turns Paid.',
    undo: 'Nothing to undo: it is used up by one call.',
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
    expect: 'Nothing was charged. The product tries again and goes on.',
    undo: 'Nothing to undo: it is used up by one call.',
    fault: { where: 'api', effect: { kind: 'status_before', status: 500 }, times: 1 },
  },
  {
    name: 'fail_after',
    title: 'Take the next payment, answer 500',
    expect: 'The charge exists once. The product looks it up and the invoice turns Paid.',
    undo: 'Nothing to undo: it is used up by one call.',
    fault: {
      where: 'api',
      effect: { kind: 'status_after', status: 500 },
      match: { method: 'POST', path: '^/v1/payment_intents' },
      times: 1,
    },
  },
  {
    name: 'limit',
    title: 'Answer the next three calls with 429',
    expect: 'The product waits longer before each new try; nothing is charged twice.',
    undo: 'Nothing to undo: it is used up by three calls.',
    fault: { where: 'api', effect: { kind: 'status_before', status: 429 }, times: 3 },
  },
  {
    name: 'outage',
    title: 'Answer every call with 503',
    expect: 'Test Connection fails in words. Payments wait until the fault is cleared.',
    undo: 'Clear the fault.',
    fault: { where: 'api', effect: { kind: 'status_before', status: 503 } },
  },
  {
    name: 'hang',
    title: 'Let every call hang',
    expect: 'Test Connection fails after its time limit. Payments wait until the fault is cleared.',
    undo: 'Clear the fault.',
    fault: { where: 'api', effect: { kind: 'hang' } },
  },
  {
    name: 'gateway',
    title: "Answer every call with a gateway's HTML page",
    expect: 'Test Connection fails in words; no HTML is shown. Payments wait until the fault is cleared.',
    undo: 'Clear the fault.',
    fault: { where: 'api', effect: { kind: 'html_502' } },
  },
  {
    name: 'refuse',
    title: 'Close the port for 30 seconds',
    expect: 'Test Connection fails in words. This console is away for the same 30 seconds.',
    undo: 'The port opens again by itself.',
    fault: { where: 'api', effect: { kind: 'refuse', ms: 30_000 } },
  },
  {
    name: 'no_error',
    title: 'Refuse every call without the word error',
    expect: 'The product calls the answer unexpected and changes nothing.',
    undo: 'Clear the fault.',
    fault: { where: 'api', effect: { kind: 'no_error_key', status: 404 } },
  },
  {
    name: 'wrong_amount',
    title: 'Say that the next payment took one cent',
    expect: 'The product calls the answer unexpected, asks again, and books what was really taken.',
    undo: 'Nothing to undo: it is used up by one call.',
    fault: {
      where: 'api',
      effect: { kind: 'mutate', patch: [{ op: 'replace', path: '/amount', value: 1 }] },
      match: { method: 'POST', path: '^/v1/payment_intents' },
      times: 1,
    },
  },
  {
    name: 'decline',
    title: 'Decline the next card payment',
    expect: 'The payment fails with "insufficient funds" and can be tried again.',
    undo: 'Nothing to undo: it is used up by one payment.',
    fault: { where: 'api', effect: { kind: 'decline_next', code: 'insufficient_funds' }, times: 1 },
  },
  {
    name: 'revoke',
    title: 'Treat every key as revoked',
    expect: 'The product says that the key no longer works. Payments wait until the fault is cleared.',
    undo: 'Clear the fault.',
    fault: { where: 'api', effect: { kind: 'revoke_key' } },
  },
  {
    name: 'lose_webhooks',
    title: 'Deliver no webhook',
    expect: 'The invoice still turns Paid within two minutes, because the product asks by itself.',
    undo: 'Clear the fault.',
    fault: { where: 'webhook', effect: { kind: 'drop' } },
  },
  {
    name: 'twice',
    title: 'Deliver the next webhook twice',
    expect: 'The second delivery changes nothing.',
    undo: 'Nothing to undo: it is used up by one delivery.',
    fault: { where: 'webhook', effect: { kind: 'duplicate', copies: 1 }, times: 1 },
  },
  {
    name: 'two_events',
    title: 'Make two events of the next change',
    expect: 'The second event changes nothing.',
    undo: 'Nothing to undo: it is used up by one event.',
    fault: { where: 'webhook', effect: { kind: 'two_events' }, times: 1 },
  },
  {
    name: 'wrong_secret',
    title: 'Sign the next webhook with another secret',
    expect: 'The product answers 400 "invalid signature" and changes nothing; the next try passes.',
    undo: 'Nothing to undo: it is used up by one delivery.',
    fault: { where: 'webhook', effect: { kind: 'wrong_secret' }, times: 1 },
  },
  {
    name: 'stale',
    title: 'Sign the next webhook with a time one hour ago',
    expect: 'The product answers 400 and changes nothing; the next try passes.',
    undo: 'Nothing to undo: it is used up by one delivery.',
    fault: { where: 'webhook', effect: { kind: 'stale', seconds: 3600 }, times: 1 },
  },
  {
    name: 'webhook_outage',
    title: 'Lose every webhook for three days',
    expect: 'Invoices still turn Paid, because the product asks by itself. Later deliveries change nothing.',
    undo: 'Clear the fault.',
    fault: { where: 'webhook', effect: { kind: 'outage', hours: 72 } },
  },
  {
    name: 'flood',
    title: 'Send the next webhook 50 times a second',
    expect: 'One effect. The inbox counts one event.',
    undo: 'Nothing to undo: it ends after five seconds.',
    fault: { where: 'webhook', effect: { kind: 'flood', per_second: 50, seconds: 5 }, times: 1 },
  },
  {
    name: 'mail_later',
    title: 'Refuse the next mail for now',
    expect: 'The product sends it again a minute later; it arrives once.',
    undo: 'Nothing to undo: it is used up by one mail.',
    fault: { where: 'mail', effect: { kind: 'refuse_temporary' }, times: 1 },
  },
  {
    name: 'mail_never',
    title: 'Refuse the next mail for good',
    expect: 'The mail is shown as not delivered.',
    undo: 'Nothing to undo: it is used up by one mail.',
    fault: { where: 'mail', effect: { kind: 'refuse_permanent' }, times: 1 },
  },
]
