/** A sandbox in a process of its own, as `npm run sandbox` starts it, and a plain HTTP client that keeps its connections. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'

export interface SandboxProcess {
  readonly url: string
  /** From the start of the process until it said that it is ready. */
  readonly startMs: number
  residentMb(): number
  /** A call with the secret key of the first account; throws for any answer but 200. */
  call(method: string, path: string, form?: string): Promise<Record<string, unknown>>
  control(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

export async function startSandboxProcess(folder: string): Promise<SandboxProcess> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [join(import.meta.dirname, '../sandbox/main.ts')], {
    env: { ...process.env, SANDBOX_PORT: '0', RENTROLL_DATA_DIR: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const printed = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8')
      if (text.includes('Stop with Ctrl+C.')) resolve(text)
    })
    child.once('exit', () => reject(new Error('The sandbox did not start.')))
  })
  const url = /Stripe API\s+(\S+)\/v1/.exec(printed)?.[1] ?? ''
  const key = /sk_test_sandbox\w+/.exec(printed)?.[0] ?? ''
  return {
    url,
    startMs: performance.now() - startedAt,
    residentMb: () => residentMb(child.pid ?? 0),
    call: (method, path, form = '') =>
      ask({ method, url: `${url}${path}`, body: form, type: 'application/x-www-form-urlencoded', key }),
    control: (method, path, body) =>
      ask({ method, url: `${url}/_sandbox${path}`, body: JSON.stringify(body ?? {}), type: 'application/json', key }),
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      await ended
    },
  }
}

function residentMb(pid: number): number {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Math.round(Number(line?.[1] ?? 0) / 1024)
}

interface Question {
  readonly method: string
  readonly url: string
  readonly body: string
  readonly type: string
  readonly key: string
}

function ask(question: Question): Promise<Record<string, unknown>> {
  const { method, url, body, type, key } = question
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': type, 'content-length': Buffer.byteLength(body) }
    const asked = request(url, { method, agent, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        if (response.statusCode === 200) resolve(JSON.parse(text) as Record<string, unknown>)
        else reject(new Error(`${method} ${url} answered ${response.statusCode}: ${text.slice(0, 300)}`))
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}
