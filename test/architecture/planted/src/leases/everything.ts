import { writeFileSync } from 'node:fs'
import { database } from '#platform'
import { sql } from 'kysely'

// None of process.env, Date.now() and fetch() counts in a comment, and 'Math.random' not in a string.
export const host = 'https://api.xero.com'
export const port = process.env['PORT']
export const now = Date.now()
export const luck = Math.random()
export const answer = fetch(host)
writeFileSync('file', 'Math.random')
export const rows = database.selectFrom('app.leases')
export const one = sql`select 1`
export const page = rows.offset(20)
