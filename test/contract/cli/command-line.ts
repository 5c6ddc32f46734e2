/**
 * Stripe's own command line tool as a test uses it: without telemetry, without a home, with proxies that lead nowhere, and
 * where the system allows in a network namespace in which there is nothing but the sandbox.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const root = new URL('../../../', import.meta.url).pathname
const binary = join(root, 'node_modules/@stripe/cli-linux-x64/bin/stripe')
const nowhere = 'http://127.0.0.1:9'

/** Why the tool cannot be asked here; undefined when it can. */
export function whyAbsent(): string | undefined {
  return existsSync(binary)
    ? undefined
    : `@stripe/cli-linux-x64 is not installed for ${process.platform}/${process.arch}`
}

export interface Outcome {
  readonly status: number
  readonly output: string
}

export interface CommandLine {
  /** Whether the tool runs where there is no network at all. */
  readonly isCutOff: boolean
  trigger(event: string, call: { url: string; key: string; account: string | undefined }): Promise<Outcome>
  close(): void
}

function mayHaveOwnNetwork(): boolean {
  return spawnSync('unshare', ['-rn', 'sh', '-c', 'ip link set lo up'], { stdio: 'ignore' }).status === 0
}

/** @param ports of the sandboxes the tool may reach. */
export async function openCommandLine(ports: readonly number[]): Promise<CommandLine> {
  const folder = mkdtempSync(join(tmpdir(), 'stripe-cli-'))
  const isCutOff = mayHaveOwnNetwork()
  const bridges = isCutOff ? ports.map((port) => ({ port, socket: join(folder, `${port}.sock`) })) : []
  const servers = await Promise.all(bridges.map(({ port, socket }) => openSocket(port, socket)))
  const program = [process.execPath, join(import.meta.dirname, 'quarantine.ts'), JSON.stringify(bridges)]
  const cutOff = ['unshare', '-rn', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh']
  const [command = '', ...args] = isCutOff ? [...cutOff, ...program] : program
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const waiting = new Map<number, (outcome: Outcome) => void>()
  const ready = new Promise<Outcome>((resolve) => waiting.set(0, resolve))
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, ...outcome } = JSON.parse(line) as Outcome & { id: number }
    waiting.get(id)?.(outcome)
  })
  await ready
  let runs = 0
  return {
    isCutOff,
    trigger(event, { url, key, account }) {
      runs += 1
      const id = runs
      const onAccount = account === undefined ? [] : ['--stripe-account', account]
      const given = ['trigger', event, '--api-base', url, '--api-key', key, ...onAccount]
      child.stdin.write(`${JSON.stringify({ id, binary, args: given, environment: environmentIn(folder) })}\n`)
      return new Promise((resolve) => waiting.set(id, resolve))
    },
    close() {
      child.stdin.end()
      for (const server of servers) server.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function environmentIn(folder: string): Record<string, string> {
  return {
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    STRIPE_CLI_TELEMETRY_OPTOUT: '1',
    HTTP_PROXY: nowhere,
    HTTPS_PROXY: nowhere,
    ALL_PROXY: nowhere,
    NO_PROXY: '127.0.0.1',
  }
}

/** The outer end of a bridge: what comes in over the socket goes to the sandbox. */
function openSocket(port: number, socket: string): Promise<net.Server> {
  const server = net.createServer((inside) => {
    const sandbox = net.connect({ port, host: '127.0.0.1' })
    inside.pipe(sandbox).pipe(inside)
    inside.on('error', () => sandbox.destroy())
    sandbox.on('error', () => inside.destroy())
  })
  return new Promise((resolve) => server.listen(socket, () => resolve(server)))
}
