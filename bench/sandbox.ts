/**
 * The Stripe sandbox (SBX-5): an empty one and one that holds many payments, measured in turns in one run, so that the ratio
 * between them says whether it slows down as it fills. Load comes from this process, the sandboxes are processes of their own.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchOptions } from './options.ts'
import { startSandboxProcess } from './sandbox-process.ts'
import type { SandboxProcess } from './sandbox-process.ts'

const callers = 16

interface Rates {
  readonly create: number[]
  readonly read: number[]
  readonly list: number[]
  readonly deliver: number[]
}

export async function measureSandbox(options: BenchOptions): Promise<readonly string[]> {
  const { n = options.isQuick ? 300 : 100_000, reps } = options
  const perRep = options.isQuick ? 50 : 1000
  const folders = [mkdtempSync(join(tmpdir(), 'bench-empty-')), mkdtempSync(join(tmpdir(), 'bench-full-'))] as const
  const receiver = await startCounter()
  const empty = await startSandboxProcess(folders[0])
  let full = await startSandboxProcess(folders[1])
  try {
    const emptyMb = empty.residentMb()
    const fillSeconds = await fill(full, n)
    const filledMb = full.residentMb()
    const rates = { empty: noRates(), full: noRates() }
    for (let rep = 0; rep < reps; rep += 1) {
      await measureOnce(empty, { rates: rates.empty, count: perRep, receiver })
      await measureOnce(full, { rates: rates.full, count: perRep, receiver })
    }
    const expected = n + reps * perRep
    await checkCounts(full, expected)
    await full.stop('SIGKILL')
    const journalMb = Math.round(statSync(join(folders[1], 'sandbox/stripe.journal')).size / 1024 ** 2)
    full = await startSandboxProcess(folders[1])
    await checkCounts(full, expected)
    return [
      `Payments held: ${n}, filled in ${fillSeconds.toFixed(0)} s (${Math.round(n / fillSeconds)}/s, ${callers} callers)`,
      ...rateLines(rates),
      `Memory: ${emptyMb} MB empty, ${filledMb} MB after ${n} payments, ${full.residentMb()} MB after a start with them`,
      `Start: ${Math.round(empty.startMs)} ms empty, ${Math.round(full.startMs)} ms with a journal of ${journalMb} MB`,
    ]
  } finally {
    await Promise.all([empty.stop(), full.stop(), receiver.close()])
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  }
}

function noRates(): Rates {
  return { create: [], read: [], list: [], deliver: [] }
}

const payment = 'amount=900&currency=aud&payment_method=pm_card_visa&confirm=true&return_url=https%3A%2F%2Fexample.com'

function pay(sandbox: SandboxProcess): Promise<Record<string, unknown>> {
  return sandbox.call('POST', '/v1/payment_intents', payment)
}

async function fill(sandbox: SandboxProcess, count: number): Promise<number> {
  const startedAt = performance.now()
  await inParallel(count, () => pay(sandbox))
  return (performance.now() - startedAt) / 1000
}

/** One repetition of each kind of work; rates per second are added to `rates`. */
async function measureOnce(
  sandbox: SandboxProcess,
  work: { readonly rates: Rates; readonly count: number; readonly receiver: Counter },
): Promise<void> {
  const { rates, count, receiver } = work
  const ids: string[] = []
  rates.create.push(await rateOf(count, async () => void ids.push(String((await pay(sandbox))['id']))))
  rates.read.push(await rateOf(count, (place) => sandbox.call('GET', `/v1/payment_intents/${ids[place]}`)))
  rates.list.push(await rateOf(count / 5, () => sandbox.call('GET', '/v1/payment_intents?limit=10')))
  rates.deliver.push(await deliver(sandbox, count, receiver))
}

/** From the first event until the last delivery was answered. */
async function deliver(sandbox: SandboxProcess, count: number, receiver: Counter): Promise<number> {
  const form = `url=${encodeURIComponent(receiver.url)}&enabled_events[0]=customer.created`
  const { id } = await sandbox.call('POST', '/v1/webhook_endpoints', form)
  receiver.seen.clear()
  const startedAt = performance.now()
  await inParallel(count, () => sandbox.call('POST', '/v1/customers', 'name=Kim'))
  await receiver.until(count)
  const rate = count / ((performance.now() - startedAt) / 1000)
  await sandbox.call('DELETE', `/v1/webhook_endpoints/${id}`)
  return rate
}

async function rateOf(count: number, deed: (place: number) => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await inParallel(count, deed)
  return count / ((performance.now() - startedAt) / 1000)
}

async function inParallel(count: number, deed: (place: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const caller = async (): Promise<void> => {
    for (let place = next++; place < count; place = next++) await deed(place)
  }
  await Promise.all(Array.from({ length: callers }, caller))
}

async function checkCounts(sandbox: SandboxProcess, payments: number): Promise<void> {
  const { ok, problems } = await sandbox.control('GET', '/health')
  const { counts } = (await sandbox.control('GET', '/state?limit=1')) as { counts: Record<string, number> }
  if (ok !== true) throw new Error(`The sandbox is not well: ${JSON.stringify(problems)}`)
  if (counts['payment_intent'] !== payments || counts['charge'] !== payments)
    throw new Error(`There should be ${payments} payments: ${JSON.stringify(counts)}`)
}

interface Counter {
  readonly url: string
  readonly seen: Set<string>
  until(count: number): Promise<void>
  close(): Promise<void>
}

/** An endpoint that counts different events. */
async function startCounter(): Promise<Counter> {
  const seen = new Set<string>()
  let onSeen = (): void => undefined
  const server = createServer((incoming, outgoing) => {
    let body = ''
    incoming.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
    incoming.on('end', () => {
      outgoing.writeHead(200).end('ok')
      seen.add(/"id": "(evt_\w+)"/.exec(body)?.[1] ?? '')
      onSeen()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    seen,
    until: (count) =>
      new Promise((resolve) => {
        onSeen = () => seen.size >= count && resolve()
        onSeen()
      }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function rateLines(rates: { readonly empty: Rates; readonly full: Rates }): string[] {
  const names = {
    create: 'Payments created and confirmed',
    read: 'Payments read',
    list: 'Pages of ten listed',
    deliver: 'Deliveries (with the call that caused each)',
  }
  return Object.entries(names).map(([kind, name]) => {
    const empty = rates.empty[kind as keyof Rates]
    const full = rates.full[kind as keyof Rates]
    const ratio = (median(full) / median(empty)).toFixed(2)
    return `${name}: ${spread(empty)} /s empty, ${spread(full)} /s full, ratio ${ratio}`
  })
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

function spread(values: readonly number[]): string {
  return `${Math.round(median(values))} (${Math.round(Math.min(...values))}–${Math.round(Math.max(...values))})`
}
