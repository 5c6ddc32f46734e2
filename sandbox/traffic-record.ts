/**
 * Writes down everything that crosses the wire, for whoever wants to check it afterwards: each API call with its answer, each
 * event when it happens, each try of a delivery. Off unless SANDBOX_RECORD names a folder; then every process appends JSON
 * lines to a file of its own there, whole and unscrubbed, so it is for test keys only. SANDBOX_RECORD_LABEL, read for each
 * line, says on whose behalf: a test runner sets it to the test that runs.
 */
import { randomUUID } from 'node:crypto'
import { mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'

type Headers = Readonly<Record<string, string>>

export interface RecordedExchange {
  readonly kind: 'exchange'
  readonly method: string
  /** With its query. */
  readonly path: string
  /** The operation of the sandbox that was meant, such as 'POST /v1/refunds/:id'; null for an unknown path. */
  readonly operation: string | null
  /** Without the key. */
  readonly request: { readonly headers: Headers; readonly body: string }
  /** Status 0 means that the connection was closed without an answer. */
  readonly answer: { readonly status: number; readonly headers: Headers; readonly body: string }
  /** Kinds of the faults that changed its course. */
  readonly faults: readonly string[]
}

export interface RecordedEvent {
  readonly kind: 'event'
  readonly event: unknown
}

export interface RecordedDelivery {
  readonly kind: 'delivery'
  readonly url: string
  readonly body: string
  readonly signature: string
  /** The secrets that are valid for the endpoint at this moment. */
  readonly secrets: readonly string[]
  /** Sandbox time in seconds. */
  readonly at: number
  readonly faults: readonly string[]
}

export type Recorded = RecordedExchange | RecordedEvent | RecordedDelivery
export type RecordedLine = Recorded & { readonly label: string }

let open: { readonly folder: string; readonly file: number } | undefined
let waiting: string[] = []

/** `describe` is called only when something is being recorded. What is recorded in one turn is written at its end. */
export function recordTraffic(describe: () => Recorded): void {
  const folder = process.env['SANDBOX_RECORD'] ?? ''
  if (folder === '') return
  const line: RecordedLine = { ...describe(), label: process.env['SANDBOX_RECORD_LABEL'] ?? '' }
  if (waiting.length === 0) setImmediate(() => flush(folder))
  waiting.push(JSON.stringify(line))
}

function flush(folder: string): void {
  if (open?.folder !== folder) {
    mkdirSync(folder, { recursive: true })
    open = { folder, file: openSync(join(folder, `${process.pid}-${randomUUID()}.jsonl`), 'a') }
  }
  const lines = waiting
  waiting = []
  writeSync(open.file, `${lines.join('\n')}\n`)
}
