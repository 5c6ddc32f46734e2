/** Disputes: the operations. How one begins is told in open-dispute.ts, how it ends in dispute-life.ts. */
import type Stripe from 'stripe'
import { refuse } from '../errors.ts'
import { emit } from '../objects/event.ts'
import { getByParameter, getByPath } from '../parts/reference.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { Call, ObjectModule } from '../protocol/operation.ts'
import {
  changeMetadata,
  clearable,
  flag,
  group,
  isWithin,
  metadata,
  objectId,
  oneOf,
  range,
  text,
} from '../protocol/parameters.ts'
import type { Parameter, Values } from '../protocol/parameters.ts'
import type { Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import { evidenceFiles, evidenceTexts } from './blank-evidence.ts'
import { checkAnswerable, closeDispute, disputeTimers, submitEvidence } from './dispute-life.ts'

type Part = (typeof evidenceTexts)[number] | (typeof evidenceFiles)[number]
type EvidenceShape = Readonly<Record<Part, Parameter<string | null>>>

const longestText = 20_000
const longestEvidence = 150_000

const evidenceShape = Object.fromEntries([
  ...evidenceTexts.map((name) => [name, clearable(text(longestText))]),
  ...evidenceFiles.map((name) => [name, clearable(objectId())]),
]) as EvidenceShape

const updating = {
  evidence: group(evidenceShape, ['appeal', 'enhanced_evidence']),
  intended_submission_method: oneOf('manual', 'prefer_manual', 'prefer_smart_disputes', 'smart_disputes'),
  metadata: metadata(),
  submit: flag(),
}

/** Filters that disputes and early fraud warnings share. */
export const byPayment = { ...pagination, charge: objectId(), payment_intent: objectId(), created: range() }

/** One page of the objects about a charge or a payment. Throws StripeRefusal for a charge or intent that is not there. */
export function listByPayment(
  call: Call<Values<typeof byPayment>>,
  list: { kind: 'dispute' | 'radar.early_fraud_warning'; url: string },
): ReturnType<typeof listPage> {
  const { charge, payment_intent: intent, created } = call.params
  if (charge !== undefined) getByParameter(call.space, 'charge', { id: charge, param: 'charge' })
  if (intent !== undefined) getByParameter(call.space, 'payment_intent', { id: intent, param: 'payment_intent' })
  const byIntent = intent === undefined ? undefined : (['payment_intent', intent] as const)
  return listPage(call, {
    ...list,
    by: charge === undefined ? byIntent : ['charge', charge],
    where: ({ object }) =>
      isWithin(object.created, created) && (intent === undefined || object.payment_intent === intent),
  })
}

/** The evidence after a change. Throws StripeRefusal for a file that is not there, or is no evidence, and for too much. */
function changeEvidence(
  space: Space,
  before: Stripe.Dispute.Evidence,
  change: Values<EvidenceShape>,
): Stripe.Dispute.Evidence {
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined))
  for (const name of evidenceFiles) {
    const id = change[name]
    if (typeof id !== 'string') continue
    const param = `evidence[${name}]`
    const file = getByParameter(space, 'file', { id, param })
    if (file.object.purpose === 'dispute_evidence') continue
    throw refuse(`The file ${id} must have the purpose \`dispute_evidence\`.`, { param })
  }
  const after = { ...before, ...given }
  const length = evidenceTexts.reduce((sum, name) => sum + (after[name]?.length ?? 0), 0)
  if (length > longestEvidence) {
    throw refuse(`The combined character count of all evidence is limited to ${longestEvidence}.`, {
      param: 'evidence',
    })
  }
  return after
}

function hasEvidence(evidence: Stripe.Dispute.Evidence): boolean {
  return [...evidenceTexts, ...evidenceFiles].some((name) => evidence[name] !== null)
}

function update(call: Call<Values<typeof updating>>): Row<'dispute'> {
  const { space, params } = call
  const before = getByPath(call, 'dispute')
  const { evidence: change, intended_submission_method: intended, submit, metadata: tags } = params
  if (change !== undefined || submit === true) checkAnswerable(before)
  const evidence = change === undefined ? before.object.evidence : changeEvidence(space, before.object.evidence, change)
  const staged = space.update('dispute', before.id, {
    object: {
      evidence,
      evidence_details: { ...before.object.evidence_details, has_evidence: hasEvidence(evidence) },
      metadata: changeMetadata(before.object.metadata, tags),
      ...(intended !== undefined && { intended_submission_method: intended }),
    },
  })
  const wantsSubmit = submit === true || (change !== undefined && submit !== false)
  if (wantsSubmit && !hasEvidence(evidence))
    throw refuse('There is no evidence to submit for this dispute.', { param: 'evidence' })
  if (wantsSubmit) submitEvidence(space, staged)
  const row = space.get('dispute', before.id)
  const isChanged = JSON.stringify(row.object) !== JSON.stringify(before.object)
  if (isChanged) emit(space, { type: 'charge.dispute.updated', object: row.object, before: before.object })
  return row
}

const evidenceExpansions = Object.fromEntries(evidenceFiles.map((name) => [`evidence.${name}`, 'file' as const]))

export const disputes: ObjectModule = {
  prefixes: { dp: 'dispute', du: 'dispute' },
  expansions: { dispute: { charge: 'charge', payment_intent: 'payment_intent', ...evidenceExpansions } },
  timers: disputeTimers,
  operations: [
    operation({
      method: 'GET',
      path: '/v1/disputes',
      permission: 'dispute_read',
      parameters: byPayment,
      run: (call) => listByPayment(call, { kind: 'dispute', url: '/v1/disputes' }),
    }),
    operation({
      method: 'GET',
      path: '/v1/disputes/:id',
      permission: 'dispute_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'dispute')),
    }),
    operation({
      method: 'POST',
      path: '/v1/disputes/:id',
      permission: 'dispute_write',
      parameters: updating,
      run: (call) => shown(update(call)),
    }),
    operation({
      method: 'POST',
      path: '/v1/disputes/:id/close',
      permission: 'dispute_write',
      parameters: {},
      run: (call) => shown(closeDispute(call.space, getByPath(call, 'dispute'))),
    }),
  ],
}
