/** `npm run audit`, as a process of its own, on a database that was changed behind the product's back (TRU-21, TRU-97). */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, describe, expect, inject, test } from 'vitest'
import type { Scope } from '#kernel'
import { inScope, makeRoles, migrate, newId, openDatabase, systemClock } from '#platform'
import { cutWithEnd, tamper, writeEntries } from '#test/audit-chains'
import { openTestGround, type TestGround } from '#test/databases'
import { lineOf } from './anchor.ts'
import { listChain } from './store.ts'

const folder = mkdtempSync(join(tmpdir(), 'rentroll-audit-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const fresh = () => join(folder, `${newId(systemClock)}.jsonl`)

describe('npm run audit', () => {
  const script = join(import.meta.dirname, '../../scripts/audit.ts')
  const run = (env: Record<string, string>, ...words: readonly string[]) =>
    new Promise<{ code: number | null; said: string[]; told: string }>((resolve) => {
      const { PATH = '', HOME = '' } = process.env
      const child = spawn(process.execPath, [script, ...words], { cwd: folder, env: { PATH, HOME, ...env } })
      const output = { out: '', err: '' }
      child.stdout.on('data', (chunk: Buffer) => (output.out += chunk.toString()))
      child.stderr.on('data', (chunk: Buffer) => (output.err += chunk.toString()))
      child.on('close', (code) => resolve({ code, said: output.out.trim().split('\n'), told: output.err }))
    })

  test.each(inject('databaseKinds'))('TRU-97: on %s it names who is wrong, counts, and ends with 1', async (kind) => {
    const ground = kind === 'postgres' ? await openTestGround(kind) : undefined
    const dataFolder = join(folder, newId(systemClock))
    const database = ground?.database ?? (await openDatabase({ clock: systemClock, folder: dataFolder }))
    if (!ground) {
      await makeRoles(database.handle)
      await migrate(database.handle)
    }
    const scopes: Scope[] = []
    for (const slug of ['whole-desks', 'cut-desks', 'changed-desks']) {
      const operatorId = newId(systemClock)
      scopes.push({ operatorId, mode: 'test' })
      const values = { id: operatorId, slug, name: slug, created_at: systemClock.now() }
      await database.handle.insertInto('app.operators').values(values).execute()
      await writeEntries({ database }, scopes.at(-1)!, 4)
    }
    const [, cut, changed] = scopes as [Scope, Scope, Scope]
    const file = fresh()
    const heads = await Promise.all(
      scopes.map(async (scope) => (await inScope(database, scope, (rows) => listChain(rows, 3n, 1)))[0]!),
    )
    const lines = heads.map(({ seq, hash }, place) => {
      const { operatorId } = scopes[place]!
      return `${lineOf({ operatorId, seq, hash, at: systemClock.now() })}\n`
    })
    writeFileSync(file, lines.join(''))
    const env: Record<string, string> = { AUDIT_ANCHOR_FILE: file, RENTROLL_DATA_DIR: dataFolder }
    if (ground) {
      const found = await sql<{ name: string }>`select current_database() as name`.execute(database.handle)
      const url = Object.assign(new URL(inject('postgresUrl')), { pathname: `/${found.rows[0]!.name}` }).href
      Object.assign(env, { DATABASE_URL: url, DATABASE_AUTH_URL: url.replace('//rentroll_app', '//rentroll_auth') })
    } else await database.close()

    expect(await run(env, 'verify')).toEqual({
      code: 0,
      said: ['0 of 3 operators are wrong; 12 entries counted, 3 anchors compared.'],
      told: '',
    })
    const again = ground ?? { kind, database: await openDatabase({ clock: systemClock, folder: dataFolder }) }
    await tamper(
      again as TestGround,
      ...cutWithEnd(cut, 1),
      sql`update app.audit_entries set action = 'x' where operator_id = ${changed.operatorId} and seq = 2`,
    )
    if (!ground) await again.database.close()
    const found = await run(env, 'verify')
    expect([found.code, found.said.slice(0, -1).toSorted(), found.said.at(-1)]).toEqual([
      1,
      [
        `${cut.operatorId} seq 2: cut after seq 1 (anchor says 4)`,
        `${changed.operatorId} seq 2: entry 2 was changed`,
      ].toSorted(),
      '2 of 3 operators are wrong; 6 entries counted, 3 anchors compared.',
    ])
    const missing = await run(env, 'verify', '--anchors', fresh())
    expect([missing.code, missing.told]).toEqual([1, expect.stringContaining('ENOENT')])
    await ground?.close()
  })
})
