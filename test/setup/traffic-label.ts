/** Tells the sandbox's traffic record which test is running, and the record itself which test files ran. */
import { appendFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { beforeEach, expect } from 'vitest'

const root = join(import.meta.dirname, '../..')
const file = relative(root, expect.getState().testPath ?? '').replaceAll(sep, '/')
const folder = process.env['SANDBOX_RECORD'] ?? ''

process.env['SANDBOX_RECORD_LABEL'] = file
if (folder !== '') appendFileSync(join(folder, 'files.txt'), `${file}\n`)

beforeEach(({ task }) => {
  process.env['SANDBOX_RECORD_LABEL'] = `${file} > ${task.name}`
})
