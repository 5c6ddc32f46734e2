/**
 * Which test drives which operation of the sandbox to success: the table in docs/stripe-operations.md. A run writes it with
 * `STRIPE_OPERATIONS=write`; every other run checks the rows whose test files took part.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RecordedExchange } from '../../../sandbox/traffic-record.ts'

export type Row = { readonly operation: string; readonly file: string }

const root = join(import.meta.dirname, '../../..')
const table = join(root, 'docs/stripe-operations.md')
const rowForm = /^\| `([A-Z]+ [^`]+)` \| `([^`]+)` \|$/

export class OperationsSeen {
  readonly #files = new Map<string, Set<string>>()

  add({ operation, answer, label }: RecordedExchange & { readonly label: string }): void {
    if (operation === null || answer.status !== 200 || label === '') return
    const [file = ''] = label.split(' > ')
    const files = this.#files.get(operation) ?? new Set()
    this.#files.set(operation, files.add(file))
  }

  /** @param ran the test files of this run. @returns what is wrong with the table, empty when nothing is. */
  compare(ran: ReadonlySet<string>): readonly string[] {
    if (process.env['STRIPE_OPERATIONS'] === 'write') {
      this.#write(ran)
      return []
    }
    return readTable()
      .filter(({ file }) => ran.has(file))
      .filter(({ operation, file }) => this.#files.get(operation)?.has(file) !== true)
      .map(({ operation, file }) => `  docs/stripe-operations.md: ${file} no longer drives ${operation}; ${advice}`)
  }

  /** Rows of files that did not take part stay as they are, so that a part of the suite can write its part. */
  #write(ran: ReadonlySet<string>): void {
    const rows = new Map(
      readTable()
        .filter(({ file }) => !ran.has(file) && existsSync(join(root, file)))
        .map(({ operation, file }) => [operation, file]),
    )
    for (const [operation, files] of this.#files) {
      const known = rows.get(operation)
      const [best] = [...files, ...(known === undefined ? [] : [known])].toSorted(byCloseness)
      if (best !== undefined) rows.set(operation, best)
    }
    writeFileSync(table, printTable([...rows].map(([operation, file]) => ({ operation, file }))))
  }
}

const advice = 'write the table anew with STRIPE_OPERATIONS=write npx vitest run --project sandbox --project contract'

/** Tests of the sandbox itself first, then by name. */
function byCloseness(one: string, other: string): number {
  const rank = (file: string): string => `${file.startsWith('sandbox/') ? 0 : 1} ${file}`
  return rank(one) < rank(other) ? -1 : 1
}

export function readTable(): readonly Row[] {
  if (!existsSync(table)) return []
  return readFileSync(table, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, operation, file] = rowForm.exec(line) ?? []
      return operation === undefined || file === undefined ? [] : [{ operation, file }]
    })
}

function printTable(rows: readonly Row[]): string {
  const pathOf = ({ operation }: Row): string => operation.split(' ').toReversed().join(' ')
  const sorted = rows.toSorted((one, other) => (pathOf(one) < pathOf(other) ? -1 : 1))
  return [
    '# Operations of the Stripe sandbox',
    '',
    'Every operation the sandbox answers, and a test that drives it to success through the official SDK or over HTTP. Anything else',
    'Stripe has answers 400 with the code `sandbox_not_supported`. Written by a run of the tests with `STRIPE_OPERATIONS=write`; each',
    'run checks the rows whose test file took part, and test/contract/operations.test.ts that no operation is without a row.',
    '',
    `${rows.length} operations.`,
    '',
    '| operation | driven by |',
    '|---|---|',
    ...sorted.map(({ operation, file }) => `| \`${operation}\` | \`${file}\` |`),
    '',
  ].join('\n')
}
