import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from 'kysely'
import { turnableClock } from './clock.ts'
import { openDatabase } from './database.ts'
import { emptyDataFolder } from './pglite.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rentroll-folder-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const open = (where: string) => openDatabase({ clock: turnableClock(), folder: where })

test('STK-51 TRU-204: a folder in use is refused with the process, and free again after it ended', async () => {
  const where = join(folder, 'one')
  writeFileSync(join(folder, 'alive'), '')
  const database = await open(where)
  expect(statSync(where).mode & 0o777).toBe(0o700)
  writeFileSync(join(where, '.owner'), String(process.ppid))
  await expect(open(where)).rejects.toThrow(`The data folder is in use by process ${process.ppid}.`)
  expect(() => emptyDataFolder(where)).toThrow('is in use by process')
  await database.close()
  const again = await open(where)
  await again.close()
})

test('STK-51: the lock of a dead process is taken over', async () => {
  const where = join(folder, 'two')
  await (await open(where)).close()
  writeFileSync(join(where, '.owner'), '4194304999')
  const database = await open(where)
  expect(readFileSync(join(where, '.owner'), 'utf8')).toBe(String(process.pid))
  await database.close()
})

test('ARC-52: a folder that cannot be made is a sentence, not a stack trace', async () => {
  const file = join(folder, 'a-file')
  writeFileSync(file, '')
  await expect(open(join(file, 'below'))).rejects.toThrow('cannot be written (ENOTDIR). Set RENTROLL_DATA_DIR')
})

test('STK-50: a query beside an open transaction waits for it and is never inside it', async () => {
  const database = await openDatabase({ clock: turnableClock() })
  await sql`create table counted (n int)`.execute(database.handle)
  const steps: string[] = []
  let goOn = () => {}
  const held = new Promise<void>((resolve) => (goOn = resolve))
  const transaction = database.handle.transaction().execute(async (rows) => {
    await sql`insert into counted values (1)`.execute(rows)
    await held
    steps.push('transaction ends')
    throw new Error('rolled back')
  })
  const beside = sql<{ count: number }>`select count(*)::int as count from counted`
    .execute(database.handle)
    .then(({ rows }) => steps.push(`beside saw ${rows[0]!.count}`))
  goOn()
  await expect(transaction).rejects.toThrow('rolled back')
  await beside
  expect(steps).toEqual(['transaction ends', 'beside saw 0'])
  await database.close()
})
