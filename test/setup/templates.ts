/**
 * A migrated, empty database of each kind, made once per run and copied for every test file: copying costs a fraction of making the tables
 * again. That the product makes them by itself is shown where it is started as a process (test/simulation).
 */
import { randomBytes } from 'node:crypto'
import { cpSync, mkdtempSync, openAsBlob, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { makeRoles, migrate, migrateJobs, openDatabase, systemClock } from '#platform'

const clock = systemClock

/** The address of another database of the same server. */
export function urlOf(url: string, name: string): string {
  return Object.assign(new URL(url), { pathname: `/${name}` }).href
}

/** @returns the name of the database to copy. */
export async function makePostgresTemplate(serverUrl: string): Promise<string> {
  const name = `template_${randomBytes(8).toString('hex')}`
  await createDatabase(serverUrl, name)
  const ownerUrl = urlOf(serverUrl, name)
  const owner = await openDatabase({ clock, url: ownerUrl, poolSize: 2 })
  await migrate(owner.handle)
  await migrateJobs(ownerUrl, owner.handle)
  await owner.close()
  return name
}

/** @param template of which it is a copy. */
export async function createDatabase(serverUrl: string, name: string, template?: string): Promise<void> {
  const creator = await openDatabase({ clock, url: serverUrl, poolSize: 1 })
  const from = template === undefined ? sql`` : sql` template ${sql.raw(template)}`
  await sql`create database ${sql.raw(name)}${from}`.execute(creator.handle)
  await creator.close()
}

/** Ends whoever is still connected. */
export async function dropDatabase(serverUrl: string, name: string): Promise<void> {
  const owner = await openDatabase({ clock, url: serverUrl, poolSize: 1 })
  await sql`drop database if exists ${sql.raw(name)} with (force)`.execute(owner.handle)
  await owner.close()
}

/** @returns a folder with the data as files, and as one archive. */
export async function makeEmbeddedTemplate(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-template-'))
  const database = await openDatabase({ clock, folder })
  await makeRoles(database.handle)
  await migrate(database.handle)
  const archive = await database.embedded!.dump()
  await database.close()
  await writeFile(archiveIn(folder), archive.stream())
  return folder
}

/** To be opened in memory. */
export function readEmbeddedTemplate(template: string): Promise<Blob> {
  return openAsBlob(archiveIn(template))
}

/** Into the folder of a product that was never started. */
export function copyEmbeddedTemplate(template: string, folder: string): void {
  cpSync(join(template, 'database'), join(folder, 'database'), { recursive: true })
}

export function removeEmbeddedTemplate(template: string): void {
  rmSync(template, { recursive: true, force: true })
}

function archiveIn(template: string): string {
  return join(template, 'archive.tar')
}
