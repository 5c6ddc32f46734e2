/** The error envelope (SBX-15): closed, with the intent it is about inside, and codes Stripe knows. */
import type { Contract } from '../derive/document.ts'
import type { Schema } from '../derive/schemas.ts'
import { furtherErrorCodes } from './tables.ts'
import type { Fault, Validators } from './validators.ts'

const text: Schema = { type: 'string' }
const reference = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })

function closed(properties: Readonly<Record<string, Schema>>, required: readonly string[]): Schema {
  return { type: 'object', properties, required, additionalProperties: false }
}

/** Of version 1 of the API. */
const envelope = closed(
  {
    error: closed(
      {
        type: { enum: ['api_error', 'card_error', 'idempotency_error', 'invalid_request_error'] },
        message: text,
        code: text,
        param: text,
        decline_code: text,
        advice_code: text,
        network_decline_code: text,
        network_advice_code: text,
        charge: text,
        payment_intent: reference('PaymentIntent'),
        setup_intent: reference('SetupIntent'),
        payment_method: reference('PaymentMethod'),
        payment_method_type: text,
        doc_url: text,
        request_log_url: text,
      },
      ['type', 'message'],
    ),
  },
  ['error'],
)

/** Version 2 has another one: its type is as open as its codes. */
const envelopeOfVersion2: Schema = closed(
  { error: { type: 'object', properties: { code: text, message: text }, required: ['message'] } },
  ['error'],
)

type Around = { readonly path: string; readonly contract: Contract; readonly validators: Validators }

export function checkEnvelope(status: number, body: unknown, around: Around): readonly Fault[] {
  const isSecond = around.path.startsWith('/v2/')
  const faults = around.validators.check(isSecond ? envelopeOfVersion2 : envelope, body)
  if (faults.length > 0 || isSecond) return faults
  const { type, code } = (body as { error: { type: string; code?: string } }).error
  const say = (path: string, problem: string): Fault => ({ path, problem, component: '' })
  const found: Fault[] = []
  if ((status === 402) !== (type === 'card_error')) found.push(say('/error/type', `is ${type} under status ${status}`))
  if (status >= 500 !== (type === 'api_error')) found.push(say('/error/type', `is ${type} under status ${status}`))
  if (status === 402 && code === undefined) found.push(say('/error/code', 'is missing under status 402'))
  if (code !== undefined && !codesOf(around.contract).has(code)) found.push(say('/error/code', `is unknown: ${code}`))
  return found
}

function codesOf({ components }: Contract): ReadonlySet<unknown> {
  const declared = components.schemas['PaymentIntent.LastPaymentError.Code']?.enum ?? []
  return new Set([...declared, ...furtherErrorCodes])
}
