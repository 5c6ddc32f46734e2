/** All SQL of codes. */
import type { Uuid } from '#kernel'
import type { ScopedHandle } from '#platform'

export type CodeRow = {
  readonly id: Uuid
  readonly codeHash: string
  readonly tries: number
  readonly expiresAt: Date
  readonly usedAt: Date | null
}

export async function insertCode(
  rows: ScopedHandle,
  code: { readonly id: Uuid; readonly linkId: Uuid; readonly codeHash: string; readonly expiresAt: Date },
): Promise<void> {
  await rows
    .insertInto('app.resume_codes')
    .values({
      operator_id: rows.scope.operatorId,
      mode: rows.scope.mode,
      id: code.id,
      link_id: code.linkId,
      code_hash: code.codeHash,
      created_at: rows.clock.now(),
      expires_at: code.expiresAt,
    })
    .execute()
}

export async function countCodes(rows: ScopedHandle, linkId: Uuid, since: Date): Promise<number> {
  const { count } = await rows
    .selectFrom('app.resume_codes')
    .select((select) => select.fn.countAll<string>().as('count'))
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('link_id', '=', linkId)
    .where('created_at', '>', since)
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** Held until the end of the transaction, so that tries sent together are counted one by one. */
export function lockNewestCode(rows: ScopedHandle, linkId: Uuid): Promise<CodeRow | undefined> {
  return rows
    .selectFrom('app.resume_codes')
    .select(['id', 'code_hash as codeHash', 'tries', 'expires_at as expiresAt', 'used_at as usedAt'])
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('link_id', '=', linkId)
    .orderBy('id', 'desc')
    .limit(1)
    .forUpdate()
    .$castTo<CodeRow>()
    .executeTakeFirst()
}

export type CodeChange = {
  readonly tries?: number
  readonly usedAt?: Date
  readonly passHash?: string
  readonly passExpiresAt?: Date
}

export async function updateCode(rows: ScopedHandle, id: Uuid, change: CodeChange): Promise<void> {
  const { tries, usedAt, passHash, passExpiresAt } = change
  await rows
    .updateTable('app.resume_codes')
    .set({
      ...(tries !== undefined && { tries }),
      ...(usedAt && { used_at: usedAt, pass_hash: passHash, pass_expires_at: passExpiresAt }),
    })
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .execute()
}

export async function findPass(
  rows: ScopedHandle,
  pass: { readonly linkId: Uuid; readonly passHash: string; readonly now: Date },
): Promise<boolean> {
  const found = await rows
    .selectFrom('app.resume_codes')
    .select('id')
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('link_id', '=', pass.linkId)
    .where('pass_hash', '=', pass.passHash)
    .where('pass_expires_at', '>', pass.now)
    .executeTakeFirst()
  return found !== undefined
}
