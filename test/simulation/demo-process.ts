/** The product as a process of its own, started, killed without warning and started again on the same folder. */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort } from '../../scripts/free-port.ts'

export type Demo = {
  readonly origin: string
  readonly sandboxUrl: string
  readonly kills: () => number
  start(): Promise<void>
  /** SIGKILL: nothing gets to finish. */
  kill(): Promise<void>
  end(): Promise<void>
}

export async function openDemo(): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-kill-'))
  const [port, sandboxPort] = [await findFreePort(), await findFreePort()]
  const origin = `http://127.0.0.1:${port}`
  let child: ChildProcess | undefined
  let count = 0
  let output = ''
  const stopped = (process: ChildProcess) =>
    new Promise<void>((resolve) =>
      process.exitCode !== null || process.signalCode !== null ? resolve() : process.once('exit', () => resolve()),
    )
  return {
    origin,
    sandboxUrl: `http://127.0.0.1:${sandboxPort}`,
    kills: () => count,
    async start() {
      output = ''
      const environment = {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        PORT: String(port),
        SANDBOX_PORT: String(sandboxPort),
        RENTROLL_DATA_DIR: folder,
        LOG_LEVEL: 'error',
        SANDBOX_RECORD: process.env['SANDBOX_RECORD'],
        SANDBOX_RECORD_LABEL: process.env['SANDBOX_RECORD_LABEL'],
      }
      child = spawn(process.execPath, ['src/main.ts'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
      for (const stream of [child.stdout!, child.stderr!])
        stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
      const until = performance.now() + 60_000
      for (;;) {
        if (child.exitCode !== null) throw new Error(`the product did not start: ${output}`)
        if (await isReady(origin)) return
        if (performance.now() > until) throw new Error(`the product was not ready in time: ${output}`)
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
    },
    async kill() {
      if (!child) return
      count += 1
      child.kill('SIGKILL')
      await stopped(child)
    },
    async end() {
      if (child?.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await stopped(child)
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function isReady(origin: string): Promise<boolean> {
  try {
    return (await fetch(`${origin}/readyz`)).status === 200
  } catch {
    return false
  }
}
