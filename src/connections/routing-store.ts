/**
 * The way back from an address or an account to an operator (TRU-55). The table is global and holds hashes alone; each operator writes
 * its own rows.
 */
import type { Mode, OperatorId, Uuid } from '#kernel'
import { runPrepared, tokenHash, withoutScope, type Database, type ScopedHandle } from '#platform'
import { sql } from 'kysely'

export type RouteKind = 'endpoint_token' | 'shared_endpoint' | 'account'
export type RoutingTarget = { readonly operatorId: OperatorId; readonly mode: Mode; readonly connectionId: Uuid }

/** Makes a connection reachable by what is hashed; writing it again changes nothing. */
export async function addRoute(
  rows: ScopedHandle,
  route: { kind: RouteKind; key: string; connectionId: Uuid },
): Promise<void> {
  await rows
    .insertInto('app.routing_keys')
    .values({
      operator_id: rows.scope.operatorId,
      mode: rows.scope.mode,
      kind: route.kind,
      key_hash: tokenHash(route.key),
      target_id: route.connectionId,
      created_at: rows.clock.now(),
    })
    .onConflict((conflict) =>
      conflict.columns(['kind', 'mode', 'key_hash', 'operator_id']).doUpdateSet({ target_id: route.connectionId }),
    )
    .execute()
}

export async function removeRoutes(rows: ScopedHandle, connectionId: Uuid): Promise<void> {
  await rows
    .deleteFrom('app.routing_keys')
    .where('operator_id', '=', rows.scope.operatorId)
    .where('target_id', '=', connectionId)
    .where('kind', 'in', ['endpoint_token', 'shared_endpoint', 'account'])
    .execute()
}

/** Held until the end of the transaction, so that two at once cannot both make a connection or take the last shared place. */
export async function lockRoutes(rows: ScopedHandle): Promise<void> {
  await sql`select pg_advisory_xact_lock(7236002)`.execute(rows)
}

/** How many connections of the installation use the shared address. */
export async function countSharedRoutes(rows: ScopedHandle): Promise<number> {
  const { count } = await rows
    .selectFrom('app.routing_keys')
    .select((select) => select.fn.countAll<string>().as('count'))
    .where('kind', '=', 'shared_endpoint')
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function hasSharedRoute(rows: ScopedHandle, connectionId: Uuid): Promise<boolean> {
  const found = await rows
    .selectFrom('app.routing_keys')
    .select('target_id')
    .where('operator_id', '=', rows.scope.operatorId)
    .where('target_id', '=', connectionId)
    .where('kind', '=', 'shared_endpoint')
    .executeTakeFirst()
  return found !== undefined
}

/** @param key the token of an address, or an account id; without one, all of the kind. */
export function listTargets(database: Database, kind: RouteKind, key?: string): Promise<readonly RoutingTarget[]> {
  return withoutScope(database, (rows) =>
    rows
      .selectFrom('app.routing_keys')
      .select(['operator_id as operatorId', 'mode', 'target_id as connectionId'])
      .where('kind', '=', kind)
      .$if(key !== undefined, (query) => query.where('key_hash', '=', tokenHash(key ?? '')))
      .orderBy('operator_id')
      .$castTo<RoutingTarget>()
      .execute(),
  )
}

/** `several` where nobody can say which. */
export type AccountPlace = RoutingTarget | 'several'

type HashedTarget = RoutingTarget & { readonly hash: string }

const columns = 'operator_id as "operatorId", mode, target_id as "connectionId", key_hash as hash'

const accountTargets = {
  name: 'routing account targets',
  text: `select ${columns} from app.routing_keys where kind = 'account' and key_hash = any ($1::text[])`,
}

/** The connection that speaks for each account and mode, by both. Accounts without one are left out. */
export async function listAccountTargets(
  database: Database,
  accounts: readonly string[],
): Promise<ReadonlyMap<string, (RoutingTarget & { readonly accountId: string }) | 'several'>> {
  const byHash = new Map(accounts.map((account) => [tokenHash(account), account]))
  const found = await runPrepared<HashedTarget>(database, accountTargets, [[...byHash.keys()]])
  const named = found.map(({ hash, ...target }) => ({ ...target, accountId: byHash.get(hash) ?? '' }))
  return placeBy(named, ({ accountId, mode }) => `${mode} ${accountId}`)
}

const everyAccountTarget = {
  name: 'routing every account target',
  text: `select ${columns} from app.routing_keys where kind = 'account' limit $1`,
}

export type AccountPlaces = { of(account: string, mode: Mode): AccountPlace | undefined }

/** The same of every account there is. Undefined when there are more than `most`. */
export async function readAccountPlaces(database: Database, most: number): Promise<AccountPlaces | undefined> {
  const found = await runPrepared<HashedTarget>(database, everyAccountTarget, [most + 1])
  if (found.length > most) return undefined
  const places = placeBy(found, ({ hash, mode }) => `${mode} ${hash}`)
  return { of: (account, mode) => places.get(`${mode} ${tokenHash(account)}`) }
}

/** What two operators have is `several`. */
function placeBy<Target extends RoutingTarget>(
  targets: readonly Target[],
  nameOf: (target: Target) => string,
): ReadonlyMap<string, Target | 'several'> {
  const grouped = new Map<string, Target | 'several'>()
  for (const target of targets) grouped.set(nameOf(target), grouped.has(nameOf(target)) ? 'several' : target)
  return grouped
}
