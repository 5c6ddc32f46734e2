/** Everything the page shows: each check with what it says now, failing first, and what cleared lately (UI-160). */
import type { ConnectionGround } from '#connections'
import { readInboxHealth } from '#inbox'
import type { Scope } from '#kernel'
import { inScope, scrub, type Jobs, type ScopedHandle } from '#platform'
import { judgeEverything, type Outside } from './checks.ts'
import { catalog, checkCodes, type CheckCode, type Finding } from './finding.ts'
import { readKnown } from './read-known.ts'
import { listClosedTroubles, listOpenTroubles, type Trouble } from './store.ts'

export type DiagnosisGround = ConnectionGround & { readonly jobs: Pick<Jobs, 'outlook'> }

export type Check = Finding & {
  readonly code: CheckCode
  readonly title: string
  readonly symptom: string
  /** When its trouble was opened; undefined for one that is only seen now. */
  readonly since: Date | undefined
}

export type Diagnosis = {
  readonly checkedAt: Date
  readonly isConnected: boolean
  readonly askedAt: Date | undefined
  readonly checks: readonly Check[]
  readonly cleared: readonly {
    readonly title: string
    readonly text: string
    readonly openedAt: Date
    readonly closedAt: Date
  }[]
  /** What may be sent to whoever helps: no secret, no name of a renter. */
  readonly report: string
}

const dayMs = 86_400_000
const order: readonly Finding['state'][] = ['found', 'cannot_tell', 'ok']

export async function diagnose(ground: DiagnosisGround, scope: Scope): Promise<Diagnosis> {
  const { clock } = ground.database
  const outside = {
    inbox: await readInboxHealth(ground.database, scope),
    outlook: await ground.jobs.outlook(),
    wallNow: clock.wallTimeOf(clock.now()),
  }
  const { known, findings, open, closed } = await inScope(ground.database, scope, (rows) => readSeen(rows, outside))
  const checks = checkCodes
    .flatMap((code) => {
      const finding = findings.get(code)
      return finding ? [toCheck(code, finding, open)] : []
    })
    .toSorted(byState)
  const diagnosis = {
    checkedAt: clock.now(),
    isConnected: known.own !== undefined || known.connect !== undefined,
    askedAt: known.own?.ask?.askedAt ?? known.connect?.account.fetchedAt ?? undefined,
    checks,
    cleared: closed.map(toCleared),
  }
  return { ...diagnosis, report: reportOf(scope, diagnosis) }
}

/** A trouble that is open now, for the banner over every screen (UI-146); nothing is judged anew. */
export type OpenTrouble = Pick<Trouble, 'code' | 'cause' | 'openedAt'> & {
  readonly title: string
  readonly text: string
}

export async function readOpenTroubles(rows: ScopedHandle): Promise<readonly OpenTrouble[]> {
  const open = await listOpenTroubles(rows)
  return open.map(({ code, cause, openedAt, finding }) => ({
    code,
    cause,
    openedAt,
    title: catalog[code].title,
    text: finding.text,
  }))
}

async function readSeen(rows: ScopedHandle, outside: Outside) {
  const known = await readKnown(rows)
  return {
    known,
    findings: await judgeEverything(rows, known, outside),
    open: await listOpenTroubles(rows),
    closed: await listClosedTroubles(rows, new Date(rows.clock.now().getTime() - dayMs)),
  }
}

function toCheck(code: CheckCode, finding: Finding, open: readonly Trouble[]): Check {
  const trouble = open.find((one) => one.code === code && one.cause === finding.cause)
  return { ...catalog[code], ...finding, code, since: trouble?.openedAt }
}

function toCleared({ code, finding, openedAt, closedAt }: Trouble) {
  return { title: catalog[code].title, text: finding.text, openedAt, closedAt: closedAt ?? openedAt }
}

/** Failing first; otherwise in the order of the checks. */
function byState(one: Check, other: Check): number {
  return order.indexOf(one.state) - order.indexOf(other.state)
}

const stateWords = { ok: 'passes', found: 'FOUND', cannot_tell: 'cannot tell' } as const

function reportOf({ mode }: Scope, { checkedAt, checks }: Pick<Diagnosis, 'checkedAt' | 'checks'>): string {
  const lines = checks.flatMap(({ title, state, text, since, evidence }) => [
    `${title}: ${stateWords[state]}${since ? ` since ${since.toISOString()}` : ''}. ${text}`,
    ...evidence.map(({ label, value }) => `  ${label}: ${value}`),
  ])
  return scrub([`Rentroll diagnosis, ${mode} mode, ${checkedAt.toISOString()}`, ...lines].join('\n'))
}
