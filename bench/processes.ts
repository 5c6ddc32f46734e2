/**
 * Servers in processes of their own, and what they cost by `/proc`: the whole tree of the server, and the whole PostgreSQL cluster with
 * the backends that have ended meanwhile, which their parent has on its account (PERF-13). Linux only.
 */
import { spawn } from 'node:child_process'
import { readFileSync, readdirSync } from 'node:fs'

const tickMs = 10

interface Stat {
  readonly parent: number
  readonly own: number
  readonly ended: number
}

function readStat(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number)
    const [parent = 0, user = 0, system = 0, endedUser = 0, endedSystem = 0] = [1, 11, 12, 13, 14].map(
      (place) => fields[place],
    )
    return { parent, own: (user + system) * tickMs, ended: (endedUser + endedSystem) * tickMs }
  } catch {
    return undefined
  }
}

/** The process and all that came from it. */
function listTree(root: number): number[] {
  const parents = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : undefined
    if (stat) parents.set(stat.parent, [...(parents.get(stat.parent) ?? []), Number(name)])
  }
  const found = [root]
  for (const pid of found) found.push(...(parents.get(pid) ?? []))
  return found
}

/** Milliseconds of processor time so far of a process, its living descendants and those of them that have ended. */
export function cpuMs(root: number): number {
  return listTree(root).reduce((sum, pid) => {
    const stat = readStat(pid)
    return sum + (stat ? stat.own + stat.ended : 0)
  }, 0)
}

/** Resident memory of the tree in megabytes. */
export function residentMb(root: number): number {
  const kilobytes = listTree(root).reduce((sum, pid) => {
    try {
      return sum + Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0)
    } catch {
      return sum
    }
  }, 0)
  return kilobytes / 1024
}

/** The parent of a process: for a backend of PostgreSQL the head of its cluster. */
export function parentOf(pid: number): number | undefined {
  return readStat(pid)?.parent
}

export interface ServerProcess {
  readonly pid: number
  readonly port: number
  /** From the start of the process until it could be used. */
  readonly startMs: number
  /** @throws with its last words when it has ended by itself. */
  assertAlive(): void
  /** @param signal SIGKILL where nothing may be waited for. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

export interface ServerWish {
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly folder?: string
  /** Answers at this port when it is ready; otherwise it prints `listening <port>`. */
  readonly readyAt?: { readonly port: number; readonly path: string }
}

/** Nothing of our own surroundings but the path goes along, so that no setting of this shell takes part. */
export async function startServer({ args, environment, folder, readyAt }: ServerWish): Promise<ServerProcess> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, args, {
    env: { PATH: process.env['PATH'] ?? '', NODE_ENV: 'production', ...environment },
    ...(folder !== undefined && { cwd: folder }),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  const hear = (chunk: Buffer): void => void (said = `${said}${chunk.toString('utf8')}`.slice(-4000))
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const die = (): void => void child.kill('SIGKILL')
  process.once('exit', die)
  const stop = async (signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> => {
    child.kill(signal)
    const force = setTimeout(() => child.kill('SIGKILL'), 25_000)
    if (child.exitCode === null && child.signalCode === null) await ended
    clearTimeout(force)
    process.off('exit', die)
  }
  const port = await waitUntilReady({ isOver: () => child.exitCode !== null, heard: () => said, readyAt }).catch(
    async (error: unknown) => {
      await stop()
      throw new Error(`${args.join(' ')} did not become ready: ${said.trim() || String(error)}`, { cause: error })
    },
  )
  const assertAlive = (): void => {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${args.join(' ')} ended by itself: ${said.trim()}`)
  }
  return { pid: child.pid ?? 0, port, startMs: performance.now() - startedAt, assertAlive, stop }
}

async function waitUntilReady(about: {
  readonly isOver: () => boolean
  readonly heard: () => string
  readonly readyAt: ServerWish['readyAt']
}): Promise<number> {
  const giveUpAt = performance.now() + 60_000
  while (performance.now() < giveUpAt) {
    if (about.isOver()) throw new Error('it ended')
    if (about.readyAt === undefined) {
      const printed = /^listening (\d+)$/m.exec(about.heard())?.[1]
      if (printed !== undefined) return Number(printed)
    } else if (await isAnswering(about.readyAt)) return about.readyAt.port
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('it took longer than 60 s')
}

async function isAnswering({ port, path }: { port: number; path: string }): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined)
  await response?.arrayBuffer()
  return response?.status === 200
}

/** Runs a command to its end. @throws with what it printed when it failed. */
export async function runToEnd(
  args: readonly string[],
  wish: { folder: string; environment?: Record<string, string> },
) {
  const child = spawn(process.execPath, args, {
    cwd: wish.folder,
    env: { PATH: process.env['PATH'] ?? '', ...wish.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`${args.join(' ')} failed: ${Buffer.concat(output).toString('utf8').trim()}`)
}
