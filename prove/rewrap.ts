/**
 * A part of G8 (TRU-33): 10,000 operators come under a new master key within a minute while two servers go on, one restarted with the
 * new key and one not yet, which still seals with the older. The command is killed half way and run again. Afterwards nothing stands
 * under the older key, a server that has only the new one answers, and one that has only the older is told why it may not start.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandboxProcess } from '../bench/sandbox-process.ts'
import { startCluster } from '../scripts/cluster.ts'
import { masterKeyId } from '../src/platform/index.ts'
import { written, type ProofOptions, type ProofReport } from './options.ts'
import { drawFrom } from './random.ts'
import { countByKey, environmentOf, makeKey, prepare, serve, type Keys, type World } from './rewrap-product.ts'
import { asPerson, beBusy, deliverTo, noTraffic, paste, sendDeliveries, type Traffic } from './rewrap-traffic.ts'

const limitSeconds = 60
const lastDeliveries = 500

export async function proveRewrap(options: ProofOptions): Promise<ProofReport> {
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-prove-'))
  const cluster = await startCluster()
  const sandbox = await startSandboxProcess(folder)
  try {
    return await rewrapAndJudge({ cluster, sandbox, folder }, options)
  } finally {
    await sandbox.stop()
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function rewrapAndJudge(world: World, { n, seed, isBusy, tell }: ProofOptions): Promise<ProofReport> {
  const operators = n ?? 10_000
  const [older, newer] = [makeKey(), makeKey()]
  const [olderId, newerId] = [older, newer].map((key) => masterKeyId(Buffer.from(key, 'base64')))
  const both: Keys = { first: newer, accepted: older }
  const { addresses, ...person } = await prepare(world, { keys: { first: older }, operators })
  const before = await countByKey(world.cluster)
  tell(`${operators} operators are there, the servers start`)
  const late = await serve(world, { first: older, accepted: newer })
  const restarted = await serve(world, both)
  const servers = [late, restarted]
  const traffic = noTraffic()
  let [isOver, mayPaste] = [false, false]
  const random = drawFrom(seed)
  await connect(world, traffic, { ...person, server: late })
  const going = [
    sendDeliveries(traffic, { servers, addresses, random }, () => isOver),
    beBusy(traffic, { ...person, servers, pastesAt: late, mayPaste: () => mayPaste }, () => isOver),
  ]
  mayPaste = true
  const first = await rewrap(world, { keys: both, killAfter: Math.floor(operators / 2), tell })
  const halfway = await countByKey(world.cluster)
  tell(`killed after ${first.seconds.toFixed(1)} s; ${halfway.get(newerId!)} values are under the new key`)
  const second = await rewrap(world, { keys: both, tell, onProgress: () => (mayPaste = false) })
  const after = await countByKey(world.cluster)
  isOver = true
  await Promise.all(going)
  const seconds = first.seconds + second.seconds

  // One more secret of the process that was not restarted, and that process is gone.
  await paste(traffic, person, late)
  const behind = await countByKey(world.cluster)
  for (const server of servers) await server.stop()
  const third = await rewrap(world, { keys: both, tell })
  const last = await countByKey(world.cluster)
  const alone = await serve(world, { first: newer })
  for (let turn = 0; turn < Math.min(lastDeliveries, operators); turn += 1)
    await deliverTo(traffic, alone, addresses[Math.floor((turn * operators) / lastDeliveries)] ?? addresses[0]!)
  await asPerson(traffic, { ...person, server: alone }, ['pages', 'GET', '/connections/stripe'])
  await alone.stop()
  const refusal = await serve(world, { first: older }).then(
    (server) => server.stop().then(() => 'it started'),
    (error: Error) => error.message,
  )

  const good = [...traffic.good].map(([kind, count]) => `${written(count)} ${kind}`).join(', ')
  const isFast = seconds <= limitSeconds || isBusy
  const total = [...before.values()].reduce((sum, one) => sum + one, 0)
  return {
    lines: [
      `${written(operators)} operators, ${written(total)} secrets, PostgreSQL, two servers at work: one sealing with the new key, one still with the older`,
      `Under the new key after ${seconds.toFixed(1)} s (limit ${limitSeconds} s): killed half way after ${first.seconds.toFixed(1)} s with ${written(halfway.get(newerId!) ?? 0)} done, run again in ${second.seconds.toFixed(1)} s`,
      `Requests meanwhile and after: ${good}; failed: ${traffic.failed.length}`,
      `What the server with the older key sealed after that: ${behind.get(olderId!) ?? 0}, brought along by the next run in ${third.seconds.toFixed(1)} s`,
    ],
    breaches: [
      ...traffic.failed.slice(0, 10),
      ...(isFast ? [] : [`It took too long: ${seconds.toFixed(1)} s`]),
      ...(halfway.get(olderId!) && halfway.get(newerId!) ? [] : ['The command was not killed half way.']),
      ...(second.code === 0 ? [] : [`The second run ended with ${second.code}: ${second.said}`]),
      ...(after.get(olderId!)
        ? [`${after.get(olderId!)} values are still under the older key after the second run`]
        : []),
      ...(behind.get(olderId!) === 1 ? [] : [`The older key was to seal one value more: ${behind.get(olderId!) ?? 0}`]),
      ...(third.code === 0 && last.size === 1 ? [] : [`The third run ended with ${third.code}: ${third.said}`]),
      ...(refusal.includes(`need master key ${newerId}`) ? [] : [`A server with the older key alone: ${refusal}`]),
    ],
  }
}

/** The signed-in operator's own keys, so that pages and tests have a secret to open. */
async function connect({ sandbox }: World, traffic: Traffic, person: Parameters<typeof asPerson>[1]): Promise<void> {
  const accounts = (await sandbox.control('GET', '/accounts')) as unknown as readonly { readonly id: string }[]
  const keyOf = async (kind: string): Promise<string> => {
    const wish = JSON.stringify({ account: accounts[0]?.id, mode: 'test', kind })
    const made = await fetch(`${sandbox.url}/_sandbox/keys`, { method: 'POST', body: wish })
    return ((await made.json()) as { key: string }).key
  }
  const keys = { publishableKey: await keyOf('publishable'), secretKey: await keyOf('secret') }
  await asPerson(traffic, person, ['saved keys', 'PUT', '/connections/stripe', keys])
}

type Run = { readonly seconds: number; readonly code: number | null; readonly said: string }

/** `npm run rewrap` in a process of its own. @param killAfter after how many operators it is killed. */
async function rewrap(
  world: World,
  about: { keys: Keys; killAfter?: number; tell: (sentence: string) => void; onProgress?: () => void },
): Promise<Run> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [join(import.meta.dirname, '../scripts/keys.ts'), 'rewrap'], {
    env: { PATH: process.env['PATH'], ...environmentOf(world, about.keys) },
    cwd: world.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8')
    about.onProgress?.()
    const behind = [...said.matchAll(/^(\d+) of \d+ operators$/gm)].map((match) => Number(match[1]))
    if (about.killAfter !== undefined && (behind.at(-1) ?? 0) >= about.killAfter) child.kill('SIGKILL')
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  const words = said.replaceAll(/^\d+ of \d+ operators\n/gm, '').trim()
  if (words) about.tell(words)
  return { seconds: (performance.now() - startedAt) / 1000, code, said: words }
}
