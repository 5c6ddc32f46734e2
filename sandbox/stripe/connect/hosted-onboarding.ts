/**
 * The deeds behind the hosted onboarding form and the login link, for the pages that show them (SBX-46). A visit begins
 * when a link is opened and is found in no address Stripe's API ever answered. Nothing that can be typed makes these throw.
 */
import { StripeRefusal } from '../errors.ts'
import type { Kind, Row } from '../world/kinds.ts'
import type { Space } from '../world/space.ts'
import type { World } from '../world/world.ts'
import { visitLifeMs } from './facts.ts'
import { answerOf, fieldNameOf, fieldsOf, groupOf, groupTitles, problemWith } from './onboarding-fields.ts'
import type {
  HostedOnboarding,
  OnboardingGroup,
  OnboardingOutcome,
  OnboardingProblem,
  OnboardingValues,
  OnboardingView,
  OpenedLink,
  OpenedLogin,
} from './onboarding-views.ts'
import { changeAccount } from './requirements/change.ts'
import { provide } from './requirements/provide.ts'
import { accountOf, isProvided } from './requirements/provided.ts'
import { scriptLabels, scriptNames } from './requirements/script-names.ts'
import type { ScriptName } from './requirements/script-names.ts'
import { concludeOnboarding } from './requirements/scripts.ts'

type Link = Row<'account_link'>

/** The deeds, bound to a world. */
export function hostOnboarding(world: World): HostedOnboarding {
  const onVisit = (visit: string, work: (space: Space, link: Link) => OnboardingOutcome): OnboardingOutcome => {
    world.runDueTimers()
    const found = findVisit(world, visit)
    return found === undefined ? { state: 'gone' } : work(found.space, found.link)
  }
  return {
    openLink: (token) => openAccountLink(world, token),
    openLogin: (token) => openLoginLink(world, token),
    view(visit) {
      world.runDueTimers()
      const found = findVisit(world, visit)
      return found === undefined ? null : describe(found.space, found.link, visit)
    },
    saveForLater: (visit, values) =>
      onVisit(visit, (space, link) => {
        const problems = keep(space, link, values)
        return problems.length > 0 ? { state: 'invalid', problems } : finish(link)
      }),
    submit: (visit, values, script) => onVisit(visit, (space, link) => submit(space, link, { values, script })),
  }
}

/** Spends the link: whoever comes first has the form, every other is sent to `refresh_url`. */
export function openAccountLink(world: World, token: string): OpenedLink {
  world.runDueTimers()
  const found = findAnywhere(world, 'account_link', token)
  if (found === undefined) return { state: 'unknown' }
  const { space, row } = found
  const { refreshUrl, expiresAt, visit: spent } = row.object
  if (spent !== null) return { state: 'used', refreshUrl }
  if (world.nowMs() >= expiresAt || !isConnected(space)) return { state: 'expired', refreshUrl }
  const visit = world.transaction(() => {
    const id = world.ids.letters(32)
    space.update('account_link', token, { object: { visit: id, expiresAt: world.nowMs() + visitLifeMs } })
    return id
  })
  return { state: 'open', visit, accountId: space.accountId, refreshUrl }
}

/** Spends the login link of an Express Dashboard. */
export function openLoginLink(world: World, token: string): OpenedLogin {
  world.runDueTimers()
  const found = findAnywhere(world, 'login_link', token)
  if (found === undefined) return { state: 'unknown' }
  const { space, row } = found
  if (row.object.isUsed) return { state: 'used' }
  if (world.nowMs() >= row.object.expiresAt || !isConnected(space)) return { state: 'expired' }
  world.transaction(() => space.update('login_link', token, { object: { isUsed: true } }))
  return { state: 'open', accountId: space.accountId, isLive: space.isLive }
}

function findAnywhere<K extends Kind>(world: World, kind: K, id: string): { space: Space; row: Row<K> } | undefined {
  for (const space of world.spaces()) {
    const row = space.find(kind, id)
    if (row !== undefined) return { space, row }
  }
  return undefined
}

/** An opened link keeps the end of its visit where its own end was. */
function findVisit(world: World, visit: string): { space: Space; link: Link } | undefined {
  for (const space of world.spaces()) {
    for (const link of space.newestFirst('account_link', { by: ['visit', visit] })) {
      return world.nowMs() < link.object.expiresAt && isConnected(space) ? { space, link } : undefined
    }
  }
  return undefined
}

function isConnected(space: Space): boolean {
  return accountOf(space).hidden.platform !== null
}

function listAsked(space: Space, link: Link): string[] {
  const { requirements, future_requirements: future } = accountOf(space).object
  const current = requirements?.currently_due ?? []
  const eventual = link.object.asksEventually ? (requirements?.eventually_due ?? []) : []
  const coming = link.object.asksFuture ? (future?.currently_due ?? []) : []
  return [...new Set([...current, ...eventual, ...coming])]
}

function describe(space: Space, link: Link, visit: string): OnboardingView {
  const { object, hidden } = accountOf(space)
  const platform = space.world.root.find('account', hidden.platform ?? '')
  return {
    visit,
    accountId: object.id,
    accountName: hidden.name === object.id ? (object.email ?? hidden.name) : hidden.name,
    platformName: platform?.hidden.name ?? '',
    isLive: space.isLive,
    country: object.country ?? '',
    isSubmitted: object.details_submitted,
    disabledReason: object.requirements?.disabled_reason ?? null,
    groups: listGroups(space, link),
    scripts: scriptNames.map((name) => ({ name, label: scriptLabels[name] })),
  }
}

function listGroups(space: Space, link: Link): OnboardingGroup[] {
  const { requirements, country = '' } = accountOf(space).object
  const asked = listAsked(space, link)
  return (['business', 'people', 'identity', 'bank', 'terms'] as const).flatMap((name) => {
    const fields = asked
      .filter((requirement) => groupOf(requirement) === name)
      .flatMap((requirement) => {
        const isPastDue = requirements?.past_due?.includes(requirement) === true
        const error = requirements?.errors?.find((one) => one.requirement === requirement)
        return fieldsOf(space, { requirement, country, isPastDue, reason: error?.reason ?? null })
      })
    return fields.length === 0 ? [] : [{ name, title: groupTitles[name], fields }]
  })
}

/** Writes what was typed, all of it or nothing. Returns what is wrong with it. */
function keep(space: Space, link: Link, values: OnboardingValues): OnboardingProblem[] {
  const answers = listAsked(space, link).flatMap((requirement) => {
    const answer = answerOf(space, requirement, values)
    return answer === undefined ? [] : [{ requirement, answer }]
  })
  const problems = answers.flatMap(({ requirement, answer }) => {
    const message = problemWith(requirement, answer)
    return message === undefined ? [] : [{ name: fieldNameOf(requirement), message }]
  })
  if (problems.length > 0 || answers.length === 0) return problems
  try {
    space.world.transaction(() =>
      changeAccount(space, () => {
        for (const { requirement, answer } of answers) provide(space, requirement, answer)
      }),
    )
    return []
  } catch (error) {
    if (!(error instanceof StripeRefusal)) throw error
    return [{ name: fieldNameOf('external_account'), message: error.message }]
  }
}

/** *No bank account* needs none; everything else that is asked has to be there before Stripe concludes anything. */
function submit(
  space: Space,
  link: Link,
  wish: { readonly values: OnboardingValues; readonly script: ScriptName },
): OnboardingOutcome {
  const problems = keep(space, link, wish.values)
  if (problems.length > 0) return { state: 'invalid', problems }
  const isWaived = (one: string): boolean => wish.script === 'no_bank_account' && one === 'external_account'
  const past = accountOf(space).object.requirements?.past_due ?? []
  const isIncomplete = past.some((one) => !isWaived(one) && !isProvided(space, one))
  if (isIncomplete && wish.script !== 'saved_for_later') return { state: 'incomplete' }
  space.world.transaction(() => concludeOnboarding(space, wish.script))
  return finish(link)
}

function finish(link: Link): OnboardingOutcome {
  return { state: 'done', returnUrl: link.object.returnUrl }
}
