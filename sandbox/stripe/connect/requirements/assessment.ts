/**
 * What follows from what was given and what Stripe decided: requirements, capabilities, charges and payouts. Nothing of it
 * is ever set by hand: a change writes what was given or decided, and this is found anew.
 */
import type Stripe from 'stripe'
import type { Demand } from '../kinds.ts'
import type { Row } from '../../world/kinds.ts'
import type { Space } from '../../world/space.ts'
import { listMissing } from './missing.ts'
import { accountOf, isProvided } from './provided.ts'

export const dueTimer = 'requirements.due'

/** Both the account's lists and a capability's fit in here. */
interface Due {
  readonly alternatives: []
  readonly current_deadline: number | null
  readonly currently_due: string[]
  readonly disabled_reason: string | null
  readonly errors: Stripe.Account.Requirements.Error[]
  readonly eventually_due: string[]
  readonly past_due: string[]
  readonly pending_verification: string[]
}

interface Findings {
  readonly isSubmitted: boolean
  readonly hasCharges: boolean
  readonly hasPayouts: boolean
  readonly demands: readonly Demand[]
  readonly due: Due
  readonly future: Due
}

/** Writes the findings on a connected account, its capabilities and its people, without telling of them. */
export function assess(space: Space): void {
  const account = accountOf(space)
  if (account.hidden.connection === null) return
  const findings = judge(space, account)
  const { due, future, isSubmitted, hasCharges, hasPayouts, demands } = findings
  for (const { id } of space.oldestFirst('capability')) writeCapability(space, id, findings)
  for (const { id } of space.oldestFirst('person')) writePerson(space, id, findings)
  space.world.root.update('account', account.id, {
    object: {
      capabilities: listCapabilities(space),
      charges_enabled: hasCharges,
      details_submitted: isSubmitted,
      payouts_enabled: hasPayouts,
      requirements: due as Stripe.Account.Requirements,
      future_requirements: future as Stripe.Account.FutureRequirements,
    },
    hidden: { connection: { ...account.hidden.connection, isSubmitted, demands } },
  })
  for (const instant of demands.flatMap(({ startsAt, dueAt }) => [startsAt, dueAt])) scheduleAt(space, instant)
}

function scheduleAt(space: Space, instant: number | null): void {
  if (instant === null || instant <= space.world.nowSeconds()) return
  const timer = { dueAt: instant * 1000, action: dueTimer, subject: space.accountId }
  space.world.schedule(space, timer, `requirements_${instant}`)
}

/** Until the form is sent off everything missing is past due; later a lone missing bank account stops payouts only [U]. */
function judge(space: Space, account: Row<'account'>): Findings {
  const connection = account.hidden.connection as NonNullable<typeof account.hidden.connection>
  const now = space.world.nowSeconds()
  const demands = connection.demands.filter(({ requirement }) => !isProvided(space, requirement))
  const missing = listMissing(space)
  const isApplicationCollecting = account.object.controller?.requirement_collection === 'application'
  const isSubmitted = connection.isSubmitted || (isApplicationCollecting && missing.length === 0)
  const present = demands.filter(({ startsAt }) => startsAt <= now)
  const late = present.filter(({ dueAt }) => dueAt !== null && dueAt <= now).map(({ requirement }) => requirement)
  const current = unique([...missing, ...present.map(({ requirement }) => requirement)])
  const past = isSubmitted ? unique([...missing, ...late]) : current
  const pending = connection.pendingVerification.filter((one) => !current.includes(one))
  const reason = connection.disabledReason ?? (past.length > 0 ? 'requirements.past_due' : null)
  const isStopped = connection.disabledReason !== null || past.some((one) => one !== 'external_account')
  const hasCapability = [...space.oldestFirst('capability')].some(
    ({ id, object }) => object.requested && id.endsWith('_payments'),
  )
  return {
    isSubmitted,
    hasCharges: isSubmitted && !isStopped && hasCapability,
    hasPayouts: isSubmitted && !isStopped && !past.includes('external_account'),
    demands,
    due: describe({ current, past, pending, reason, demands: present, deadline: earliest(present, now) }),
    future: describeFuture(demands.filter(({ startsAt }) => startsAt > now)),
  }
}

function earliest(demands: readonly Demand[], now: number): number | null {
  const instants = demands.flatMap(({ dueAt }) => (dueAt === null || dueAt <= now ? [] : [dueAt]))
  return instants.length === 0 ? null : Math.min(...instants)
}

function describe(found: {
  current: string[]
  past: string[]
  pending: readonly string[]
  reason: string | null
  demands: readonly Demand[]
  deadline: number | null
}): Due {
  const errors = found.demands.flatMap(({ requirement, error }) => (error === null ? [] : [{ ...error, requirement }]))
  return {
    alternatives: [],
    current_deadline: found.deadline,
    currently_due: found.current,
    disabled_reason: found.reason,
    errors: errors as Stripe.Account.Requirements.Error[],
    eventually_due: found.current,
    past_due: found.past,
    pending_verification: [...found.pending],
  }
}

/** Requirements that begin at an instant still to come; the earliest is the deadline Stripe shows. */
function describeFuture(demands: readonly Demand[]): Due {
  const current = demands.map(({ requirement }) => requirement)
  const deadline = demands.length === 0 ? null : Math.min(...demands.map(({ startsAt }) => startsAt))
  return describe({ current, past: [], pending: [], reason: null, demands, deadline })
}

function writeCapability(space: Space, id: string, findings: Findings): void {
  const { object } = space.get('capability', id)
  const status = statusOf(object.requested, id, findings)
  const { disabled_reason: reason, ...lists } = findings.due
  const requirements = { ...lists, disabled_reason: object.requested ? capabilityReason(reason, findings) : null }
  space.update('capability', id, {
    object: {
      status,
      requirements: requirements as Stripe.Capability.Requirements,
      future_requirements: findings.future as Stripe.Capability.FutureRequirements,
    },
  })
}

function statusOf(isRequested: boolean, id: string, findings: Findings): Stripe.Capability['status'] {
  if (!isRequested) return 'unrequested'
  const isAllowed = id === 'transfers' ? isOpen(findings) : findings.hasCharges
  if (isAllowed) return 'active'
  return findings.isSubmitted && findings.due.disabled_reason === 'under_review' ? 'pending' : 'inactive'
}

/** Taking money in from the platform does not wait for a bank account. */
function isOpen({ isSubmitted, due }: Findings): boolean {
  const isForced = due.disabled_reason !== null && due.disabled_reason !== 'requirements.past_due'
  return isSubmitted && !isForced && due.past_due.every((one) => one === 'external_account')
}

/** The account's reason in the words capabilities have for it. */
function capabilityReason(reason: string | null, findings: Findings): string | null {
  if (reason === null || isOpen(findings)) return null
  if (reason === 'requirements.past_due')
    return findings.isSubmitted ? 'requirements.fields_needed' : 'pending.onboarding'
  if (reason === 'under_review') return 'pending.review'
  if (reason === 'platform_paused') return 'platform_paused'
  return reason.startsWith('rejected.') ? 'rejected.other' : 'other'
}

/** What of the account's lists is about this person, without the person's id in front. */
function writePerson(space: Space, id: string, { due, future }: Findings): void {
  const { object } = space.get('person', id)
  const account = accountOf(space).object
  const names = object.relationship?.representative === true ? [id, 'representative', 'individual'] : [id]
  const strip = (list: readonly string[]): string[] =>
    list.flatMap((one) => names.flatMap((name) => (one.startsWith(`${name}.`) ? [one.slice(name.length + 1)] : [])))
  const part = (lists: Due): Stripe.Person.Requirements => ({
    alternatives: [],
    currently_due: strip(lists.currently_due),
    errors: lists.errors.filter(({ requirement }) => names.some((name) => requirement.startsWith(`${name}.`))),
    eventually_due: strip(lists.eventually_due),
    past_due: strip(lists.past_due),
    pending_verification: strip(lists.pending_verification),
  })
  space.update('person', id, {
    object: { account: account.id, requirements: part(due), future_requirements: part(future) },
  })
}

/** What `capabilities` of the account shows: those that were requested. */
function listCapabilities(space: Space): Stripe.Account.Capabilities {
  const rows = [...space.oldestFirst('capability')].filter(({ object }) => object.requested)
  return Object.fromEntries(rows.map(({ id, object }) => [id, object.status]))
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)]
}
