/**
 * What Stripe concludes from an onboarding (SBX-28), by choice of whoever tests: each script leaves the account as Stripe
 * would, and what changed is told as events of the account. A script starts from nothing but what the account has given,
 * so one can follow another.
 */
import type Stripe from 'stripe'
import type { Connection, Demand } from '../kinds.ts'
import { directorsRequirement, dueLaterSeconds, futureSeconds, identityFiles } from '../facts.ts'
import { addPerson, changePerson } from '../people/person-parameters.ts'
import type { Space } from '../../world/space.ts'
import { changeAccount } from './change.ts'
import { listMissing } from './missing.ts'
import { provide, testAnswer } from './provide.ts'
import { accountOf, findRepresentative, isIndividual } from './provided.ts'
import type { ScriptName } from './script-names.ts'

type Verdict = Partial<Pick<Connection, 'demands' | 'pendingVerification' | 'disabledReason'>>

/** Plays a script on a connected account. Nothing that was given is taken back, except where the script is about it. */
export function concludeOnboarding(space: Space, script: ScriptName): void {
  changeAccount(space, () => {
    if (script === 'saved_for_later') {
      leaveHalfway(space)
      return
    }
    giveEverything(space, script)
    const verdict = scripts[script](space)
    const connection = accountOf(space).hidden.connection as Connection
    const clean = { demands: [], pendingVerification: [], disabledReason: null }
    space.world.root.update('account', space.accountId, {
      hidden: { connection: { ...connection, ...clean, isSubmitted: true, ...verdict } },
    })
  })
}

/** Somebody began with the business, then left: an account that was sent off before stays as it is. */
function leaveHalfway(space: Space): void {
  if (accountOf(space).hidden.connection?.isSubmitted === true) return
  for (const requirement of listMissing(space).filter((one) => one.startsWith('business_'))) {
    provide(space, requirement, testAnswer(space, requirement))
  }
}

/** Fills what is missing with test data. Each answer may change what is asked next, so the list is read anew each time. */
function giveEverything(space: Space, script: ScriptName): void {
  const isWanted = (one: string): boolean => one !== 'external_account' || script !== 'no_bank_account'
  const given = new Set<string>()
  for (;;) {
    const next = listMissing(space).find(isWanted)
    if (next === undefined) return
    if (given.has(next)) throw new Error(`The test data for ${next} did not satisfy it.`)
    given.add(next)
    provide(space, next, testAnswer(space, next))
  }
}

const scripts: Readonly<Record<Exclude<ScriptName, 'saved_for_later'>, (space: Space) => Verdict>> = {
  complete: () => ({}),
  missing_identity_document: askForDocument,
  directors_missing: askForDirectors,
  under_review: (space) => ({ disabledReason: 'under_review', pendingVerification: [documentName(space)] }),
  no_bank_account(space) {
    for (const { id } of space.oldestFirst('external_account')) space.remove('external_account', id)
    return {}
  },
  due_later: (space) => ({ demands: [ask(space, forgetDocument(space), { dueIn: dueLaterSeconds })] }),
  past_due: (space) => ({ demands: [ask(space, forgetDocument(space), { dueIn: 0 })] }),
  rejected_fraud: () => ({ disabledReason: 'rejected.fraud' }),
  unknown_disabled_reason: () => ({ disabledReason: 'sandbox.reason_of_tomorrow' }),
  platform_paused: () => ({ disabledReason: 'platform_paused' }),
  future_requirements: (space) => ({
    demands: [ask(space, forgetDocument(space), { startsIn: futureSeconds, dueIn: futureSeconds + dueLaterSeconds })],
  }),
}

function ask(
  space: Space,
  requirement: string,
  wish: { startsIn?: number; dueIn: number | null; error?: Demand['error'] },
): Demand {
  const now = space.world.nowSeconds()
  const { startsIn = 0, dueIn, error = null } = wish
  return { requirement, startsAt: now + startsIn, dueAt: dueIn === null ? null : now + dueIn, error }
}

/** A document that proves the business, which was never given or has to be given anew. */
function forgetDocument(space: Space): string {
  const { object } = accountOf(space)
  if (isIndividual(object)) return forgetIdentity(space)
  const document = { back: null, details: null, details_code: null, front: null }
  space.world.root.update('account', object.id, {
    object: { company: { ...object.company, verification: { document } } },
  })
  return 'company.verification.document'
}

function documentName(space: Space): string {
  const holder = isIndividual(accountOf(space).object) ? 'individual' : findRepresentative(space)?.id
  return `${holder}.verification.document`
}

function forgetIdentity(space: Space): string {
  const representative = findRepresentative(space)
  if (representative !== undefined) {
    const paper = { document: { back: undefined, front: identityFiles.bad }, additional_document: undefined }
    changePerson(space, representative.id, { verification: paper })
  }
  return documentName(space)
}

function askForDocument(space: Space): Verdict {
  const requirement = forgetIdentity(space)
  const error = {
    code: 'verification_document_not_readable',
    reason: 'The document could not be read. Upload a clear photo or scan of it in colour.',
  }
  return { demands: [ask(space, requirement, { dueIn: 0, error })] }
}

/** Stripe knows that there are more directors than were named, and of one too little (SBX-93). */
function askForDirectors(space: Space): Verdict {
  const { object } = accountOf(space)
  const company: Stripe.Account.Company = { ...object.company, directors_provided: false }
  space.world.root.update('account', object.id, { object: { company } })
  const director = findNamelessDirector(space) ?? addPerson(space, { director: true }).id
  const error = {
    code: 'verification_missing_directors',
    reason: 'We have identified directors that have not been added on the account.',
  }
  return {
    demands: [
      ask(space, directorsRequirement, { dueIn: 0, error }),
      ask(space, `${director}.first_name`, { dueIn: 0 }),
      ask(space, `${director}.last_name`, { dueIn: 0 }),
    ],
  }
}

function findNamelessDirector(space: Space): string | undefined {
  return [...space.oldestFirst('person')].find(
    ({ object }) =>
      object.relationship?.director === true &&
      object.relationship.representative !== true &&
      object.first_name === null &&
      object.last_name === null,
  )?.id
}
