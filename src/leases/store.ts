/** All SQL of the leases. */
import type { LocalDate, Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'
import { sql } from 'kysely'
import { holdingStates, liveStates, type LeaseState } from './lease-state.ts'
import type { Lease } from './lease.ts'

/** The two columns every commercial row carries: in WHERE as well as in the policy, as only the former finds the shard (ARC-33). */
function own({ scope }: ScopedHandle) {
  return { operator_id: scope.operatorId, mode: scope.mode }
}

export type AgreementVersion = {
  readonly id: Uuid
  readonly version: number
  readonly title: string
  readonly content: string
  readonly effectiveOn: LocalDate
  readonly publishedAt: Date
}

export async function insertAgreementVersion(
  rows: ScopedHandle,
  version: AgreementVersion & { readonly publishedBy: string },
): Promise<void> {
  await rows
    .insertInto('app.agreement_versions')
    .values({
      operator_id: rows.scope.operatorId,
      id: version.id,
      version: version.version,
      title: version.title,
      content: version.content,
      effective_on: version.effectiveOn,
      published_by: version.publishedBy,
      published_at: version.publishedAt,
    })
    .execute()
}

/** Newest first, each with how many leases accepted it in this mode. */
export async function listAgreementVersions(
  rows: ScopedHandle,
): Promise<readonly (AgreementVersion & { readonly acceptedBy: number })[]> {
  const accepted = await rows
    .selectFrom('app.agreement_acceptances')
    .select(['agreement_version_id', ({ fn }) => fn.countAll().as('count')])
    .where(({ and }) => and(own(rows)))
    .groupBy('agreement_version_id')
    .execute()
  const counts = new Map(accepted.map((row) => [row['agreement_version_id'], Number(row['count'])]))
  const found = await versions(rows).orderBy('version', 'desc').execute()
  return found.map((version) => ({ ...version, acceptedBy: counts.get(version.id) ?? 0 }))
}

export async function findAgreementVersion(rows: ScopedHandle, id: Uuid): Promise<AgreementVersion | undefined> {
  return versions(rows).where('id', '=', id).executeTakeFirst()
}

/** The newest version in force on a date. */
export async function findCurrentAgreement(rows: ScopedHandle, on: LocalDate): Promise<AgreementVersion | undefined> {
  return versions(rows).where('effective_on', '<=', on).orderBy('version', 'desc').limit(1).executeTakeFirst()
}

function versions(rows: ScopedHandle) {
  return rows
    .selectFrom('app.agreement_versions')
    .select(['id', 'version', 'title', 'content', 'effective_on as effectiveOn', 'published_at as publishedAt'])
    .where('operator_id', '=', rows.scope.operatorId)
    .$castTo<AgreementVersion>()
}

export type Acceptance = {
  readonly versionId: Uuid
  readonly renderedText: string
  readonly renderedSha256: string
  readonly acceptedName: string
  readonly acceptedAt: Date
}

export async function insertAcceptance(
  rows: ScopedHandle,
  acceptance: Omit<Acceptance, 'acceptedAt'> & { readonly id: Uuid; readonly leaseId: Uuid; readonly actor: string },
): Promise<void> {
  await rows
    .insertInto('app.agreement_acceptances')
    .values({
      ...own(rows),
      id: acceptance.id,
      lease_id: acceptance.leaseId,
      agreement_version_id: acceptance.versionId,
      rendered_text: acceptance.renderedText,
      rendered_sha256: acceptance.renderedSha256,
      accepted_name: acceptance.acceptedName,
      way: 'on_device',
      actor: acceptance.actor,
      accepted_at: rows.clock.now(),
    })
    .execute()
}

/** What the renter of a lease accepted, word for word. */
export async function getAcceptance(rows: ScopedHandle, leaseId: Uuid): Promise<Acceptance> {
  return rows
    .selectFrom('app.agreement_acceptances')
    .select(['agreement_version_id as versionId', 'accepted_name as acceptedName', 'accepted_at as acceptedAt'])
    .select(['rendered_text as renderedText', 'rendered_sha256 as renderedSha256'])
    .where(({ and }) => and({ ...own(rows), lease_id: leaseId }))
    .$castTo<Acceptance>()
    .executeTakeFirstOrThrow()
}

export type NewLease = Omit<Lease, 'spaceNumber' | 'renterName' | 'createdAt'> & { readonly createdBy: string }

/** `occupied` is what the exclusion constraint compares; without an end it runs for ever. */
export async function insertLease(rows: ScopedHandle, lease: NewLease): Promise<void> {
  const now = rows.clock.now()
  await rows
    .insertInto('app.leases')
    .values({
      ...own(rows),
      id: lease.id,
      draft_id: lease.draftId,
      space_id: lease.spaceId,
      renter_id: lease.renterId,
      location_id: lease.locationId,
      state: lease.state,
      start_on: lease.startOn,
      end_on: lease.endOn ?? null,
      occupied: sql`daterange(${lease.startOn}, ${lease.endOn ?? null}, '[)')`,
      interval_code: lease.interval,
      price_minor: lease.priceMinor.toString(),
      currency: lease.currency,
      terms: JSON.stringify(lease.terms),
      deposit_minor: lease.depositMinor.toString(),
      tax_rate_id: lease.taxRateId ?? null,
      agreement_version_id: lease.agreementVersionId,
      held_until: lease.heldUntil ?? null,
      created_by: lease.createdBy,
      created_at: now,
      updated_at: now,
    })
    .execute()
}

/** What the database answers when two leases of one space overlap: the last word, should the lock have been gone around. */
export function isOverlap(error: unknown): boolean {
  return error instanceof Error && 'constraint' in error && error.constraint === 'leases_do_not_overlap'
}

export async function updateLeaseState(rows: ScopedHandle, change: { id: Uuid; state: LeaseState }): Promise<void> {
  await rows
    .updateTable('app.leases')
    .set({ state: change.state, held_until: null, version: sql`version + 1`, updated_at: rows.clock.now() })
    .where(({ and }) => and({ ...own(rows), id: change.id }))
    .execute()
}

export async function findLease(rows: ScopedHandle, id: Uuid): Promise<Lease | undefined> {
  const row = await leases(rows).where('lease.id', '=', id).executeTakeFirst()
  return row && toLease(row)
}

/** @throws when there is no such lease in this scope. */
export async function getLease(rows: ScopedHandle, id: Uuid): Promise<Lease> {
  return toLease(await leases(rows).where('lease.id', '=', id).executeTakeFirstOrThrow())
}

/** @throws when there is no such lease in this scope. */
export async function lockLease(rows: ScopedHandle, id: Uuid): Promise<Lease> {
  return toLease(await leases(rows).where('lease.id', '=', id).forUpdate('lease').executeTakeFirstOrThrow())
}

/** The lease a check-out form already made. */
export async function findLeaseByDraft(rows: ScopedHandle, draftId: Uuid): Promise<Lease | undefined> {
  const row = await leases(rows).where('lease.draft_id', '=', draftId).executeTakeFirst()
  return row && toLease(row)
}

/** A lease that has the space from `startOn` on, or will have it. */
export async function findHolder(
  rows: ScopedHandle,
  about: { readonly spaceId: Uuid; readonly startOn: LocalDate },
): Promise<Lease | undefined> {
  const row = await leases(rows)
    .where('lease.space_id', '=', about.spaceId)
    .where('lease.state', 'in', [...holdingStates])
    .where(sql<boolean>`lease.occupied && daterange(${about.startOn}, null, '[)')`)
    .orderBy('lease.start_on')
    .executeTakeFirst()
  return row && toLease(row)
}

/** Held longer than promised, or reserved for a day that has come, at the latest in any time zone. */
export async function listLeasesDue(rows: ScopedHandle, today: LocalDate): Promise<readonly Lease[]> {
  const found = await leases(rows)
    .where(({ eb, or, and }) =>
      or([
        and([eb('lease.state', '=', 'awaiting_payment'), eb('lease.held_until', '<=', rows.clock.now())]),
        and([eb('lease.state', '=', 'reserved'), eb('lease.start_on', '<=', today)]),
      ]),
    )
    .orderBy('lease.id')
    .limit(1000)
    .execute()
  return found.map(toLease)
}

/** Every lease that has or will have its space. */
export async function listHolders(rows: ScopedHandle): Promise<readonly Lease[]> {
  const found = await leases(rows)
    .where('lease.state', 'in', [...holdingStates])
    .orderBy('lease.start_on')
    .execute()
  return found.map(toLease)
}

/** Newest first. @param page `after` is the id of the last row seen. */
export async function listLeases(
  rows: ScopedHandle,
  page: { readonly renterId?: Uuid | undefined; readonly after?: Uuid | undefined; readonly limit: number },
): Promise<readonly Lease[]> {
  const { renterId, after } = page
  const found = await leases(rows)
    .$if(renterId !== undefined, (query) => query.where('lease.renter_id', '=', renterId))
    .$if(after !== undefined, (query) => query.where('lease.id', '<', after))
    .orderBy('lease.id', 'desc')
    .limit(page.limit)
    .execute()
  return found.map(toLease)
}

/** How many there are, counted no further than `cap`. */
export async function countLeases(
  rows: ScopedHandle,
  about: { readonly renterId?: Uuid | undefined; readonly cap: number },
): Promise<number> {
  const mine = about.renterId === undefined ? own(rows) : { ...own(rows), renter_id: about.renterId }
  const found = await rows
    .selectFrom(
      rows
        .selectFrom('app.leases')
        .select('id')
        .where(({ and }) => and(mine))
        .limit(about.cap)
        .as('lease'),
    )
    .select(({ fn }) => fn.countAll().as('count'))
    .executeTakeFirstOrThrow()
  return Number(found.count)
}

/** Which of these renters have a live lease, which is what makes a renter active (BIL-6). */
export async function listActiveRenterIds(rows: ScopedHandle, renterIds: readonly Uuid[]): Promise<ReadonlySet<Uuid>> {
  if (renterIds.length === 0) return new Set()
  const found = await rows
    .selectFrom('app.leases')
    .select('renter_id')
    .distinct()
    .where(({ and }) => and(own(rows)))
    .where('renter_id', 'in', renterIds)
    .where('state', 'in', [...liveStates])
    .execute()
  return new Set(found.map((row) => row['renter_id']))
}

function leases(rows: ScopedHandle) {
  return rows
    .selectFrom('app.leases as lease')
    .innerJoin('app.spaces as space', (join) =>
      join.onRef('space.operator_id', '=', 'lease.operator_id').onRef('space.id', '=', 'lease.space_id'),
    )
    .innerJoin('app.renters as renter', (join) =>
      join
        .onRef('renter.operator_id', '=', 'lease.operator_id')
        .onRef('renter.mode', '=', 'lease.mode')
        .onRef('renter.id', '=', 'lease.renter_id'),
    )
    .selectAll('lease')
    .select(['space.number as space_number', 'renter.name as renter_name', 'lease.interval_code as interval'])
    .where('lease.operator_id', '=', rows.scope.operatorId)
    .where('lease.mode', '=', rows.scope.mode)
}

/** `start_on` → `startOn`: fields and columns have the same names in two spellings; amounts are known by their suffix. */
function toLease(row: Readonly<Record<string, unknown>>): Lease {
  const fields = Object.entries(row)
    .filter(([, value]) => value !== null)
    .map(([column, value]) => [
      column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      column.endsWith('_minor') ? BigInt(String(value)) : value,
    ])
  return Object.fromEntries(fields) as Lease
}
