/**
 * Runs Stripe's command line tool, many times, on command: one JSON line in, one JSON line out. Started inside a network
 * namespace of its own it sees no network but an own loopback; the sandboxes' ports are bridged in over unix sockets, which
 * no namespace of the network divides. A program of its own, not a test.
 */
import { execFile } from 'node:child_process'
import net from 'node:net'
import { createInterface } from 'node:readline'

interface Bridge {
  readonly port: number
  readonly socket: string
}

interface Command {
  readonly id: number
  readonly binary: string
  readonly args: readonly string[]
  readonly environment: Record<string, string>
}

const longestRunMs = 20_000

function open(bridge: Bridge): Promise<void> {
  const server = net.createServer((inside) => {
    const outside = net.connect({ path: bridge.socket })
    inside.pipe(outside).pipe(inside)
    inside.on('error', () => outside.destroy())
    outside.on('error', () => inside.destroy())
  })
  return new Promise((resolve) => server.listen(bridge.port, '127.0.0.1', resolve))
}

function run(command: Command): void {
  const { id, binary, args, environment } = command
  execFile(binary, [...args], { env: environment, timeout: longestRunMs }, (error, stdout, stderr) => {
    const status = error === null ? 0 : Number(error.code ?? 1)
    process.stdout.write(`${JSON.stringify({ id, status, output: `${stdout}${stderr}` })}\n`)
  })
}

const bridges = JSON.parse(process.argv[2] ?? '[]') as readonly Bridge[]
await Promise.all(bridges.map(open))
process.stdout.write(`${JSON.stringify({ id: 0, status: 0, output: 'ready' })}\n`)
createInterface({ input: process.stdin })
  .on('line', (line) => run(JSON.parse(line) as Command))
  .on('close', () => process.exit(0))
