import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startSandbox } from './index.ts'
import type { Sandbox } from './index.ts'

let sandbox: Sandbox
let folder: string

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'))
  sandbox = await startSandbox({ port: 0 })
})

afterEach(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true })
})

async function run(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], { env: { ...process.env, ...env } })
  let output = ''
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString('utf8')))
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve))
  return { code, output }
}

describe('the listener', () => {
  test('SBX-2: the API, the control API, the pages and the mail outbox share one address', async () => {
    const ask = async (path: string, accept = '*/*'): Promise<[number, string]> => {
      const response = await fetch(`${sandbox.url}${path}`, { headers: { accept } })
      return [response.status, response.headers.get('content-type') ?? '']
    }

    expect(await ask('/v1/balance')).toStrictEqual([401, 'application/json'])
    expect(await ask('/_sandbox/events')).toStrictEqual([200, 'application/json'])
    expect(await ask('/_sandbox/events', 'text/html')).toStrictEqual([200, 'text/html; charset=utf-8'])
    expect((await ask('/_sandbox/mail'))[0]).toBe(200)
    expect((await ask('/nowhere'))[0]).toBe(404)
  })

  test('a receipt can be opened where the charge says', async () => {
    const [keys] = sandbox.keys
    const body = 'amount=900&currency=aud&payment_method=pm_card_visa&confirm=true&expand[]=latest_charge'
    const headers = { authorization: `Bearer ${keys?.secret}`, 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await fetch(`${sandbox.url}/v1/payment_intents`, { method: 'POST', headers, body })
    const intent = (await answer.json()) as { latest_charge: { receipt_url: string } }

    const receipt = await fetch(intent.latest_charge.receipt_url)

    expect(receipt.status).toBe(200)
    expect(await receipt.text()).toContain('no real money')
  })

  test('SBX-48: a taken port and a folder that is none are said in one sentence, without a stack', async () => {
    const file = join(folder, 'file')
    writeFileSync(file, '')

    const [taken, noFolder, noPort] = await Promise.all([
      run({ SANDBOX_PORT: String(sandbox.port), RENTROLL_DATA_DIR: folder }),
      run({ SANDBOX_PORT: '0', RENTROLL_DATA_DIR: file }),
      run({ SANDBOX_PORT: 'many', RENTROLL_DATA_DIR: folder }),
    ])

    expect(taken).toStrictEqual({
      code: 1,
      output: `Port ${sandbox.port} is in use. Set SANDBOX_PORT or stop the other process.\n`,
    })
    expect([noFolder.code, noFolder.output.split('\n').length]).toStrictEqual([1, 2])
    expect(noPort).toStrictEqual({
      code: 1,
      output: 'SANDBOX_PORT is "many". It must be a whole number from 0 to 65535.\n',
    })
  })
})
