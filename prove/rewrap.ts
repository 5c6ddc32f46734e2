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
import {
  countByKey,
  environmentOf,
  makeKey,
  prepare,
  serve,
  type Address,
  type Keys,
  type Server,
  type World,
} from './rewrap-product.ts'
import {
  asPerson,
  beBusy,
  deliverTo,
  noTraffic,
  paste,
  sendDeliveries,
  type Person,
  type Traffic,
} from './rewrap-traffic.ts'

const limitSeconds = 60
const lastDeliveries = 500

export async function proveRewrap(options: ProofOptions): Promise<ProofReport> {
  const folder = mkdtempSync(join(tmpdir(), 'rentroll-prove-'))
  const cluster = await startCluster({ isDurable: true })
  const sandbox = await startSandboxProcess(folder)
  try {
    return await rewrapAndJudge({ cluster, sandbox, folder }, options)
  } finally {
    await sandbox.stop()
    await cluster.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function rewrapAndJudge(world: World, options: ProofOptions): Promise<ProofReport> {
  const operators = options.n ?? 10_000
  const keys = { older: makeKey(), newer: makeKey() }
  const { addresses, ...person } = await prepare(world, { keys: { first: keys.older }, operators })
  const secrets = [...(await countByKey(world.cluster)).values()].reduce((sum, one) => sum + one, 0)
  options.tell(`${operators} operators are there, the servers start`)
  const scene: Scene = { world, keys, addresses, person, traffic: noTraffic(), options }
  const storm = await rewrapUnderWay(scene)
  const rest = await rewrapTheRest(scene, storm.servers)
  const { first, second, halfway } = storm
  const { failed } = scene.traffic
  const good = [...scene.traffic.good].map(([kind, count]) => `${written(count)} ${kind}`).join(', ')
  return {
    lines: [
      `${written(operators)} operators, ${written(secrets)} secrets, PostgreSQL, two servers at work: one sealing with the new key, one still with the older`,
      `Under the new key after ${(first.seconds + second.seconds).toFixed(1)} s (limit ${limitSeconds} s): killed half way after ${first.seconds.toFixed(1)} s with ${written(halfway.newer)} done, run again in ${second.seconds.toFixed(1)} s`,
      `Requests meanwhile and after: ${good}; failed: ${failed.length}`,
      `What the server with the older key sealed after that: ${rest.behind}, brought along by the next run in ${rest.third.seconds.toFixed(1)} s`,
    ],
    breaches: [...failed.slice(0, 10), ...judge(storm, options.isBusy), ...rest.breaches],
  }
}

type Scene = {
  readonly world: World
  readonly keys: { readonly older: string; readonly newer: string }
  readonly addresses: readonly Address[]
  readonly person: Person
  readonly traffic: Traffic
  readonly options: ProofOptions
}

type Counted = { readonly older: number; readonly newer: number }

/** How many values stand under the two keys now. */
async function look({ world, keys }: Scene): Promise<Counted> {
  const counted = await countByKey(world.cluster)
  const of = (key: string): number => counted.get(masterKeyId(Buffer.from(key, 'base64'))) ?? 0
  return { older: of(keys.older), newer: of(keys.newer) }
}

/** Killed half way and run again, while both servers answer; until the second run is on its way secrets are saved with the older key. */
async function rewrapUnderWay(scene: Scene) {
  const { world, keys, addresses, person, traffic, options } = scene
  const late = await serve(world, { first: keys.older, accepted: keys.newer })
  const both: Keys = { first: keys.newer, accepted: keys.older }
  const servers = [late, await serve(world, both)]
  await connect(world, traffic, { ...person, server: late })
  let [isOver, mayPaste] = [false, true]
  const random = drawFrom(options.seed)
  const going = [
    sendDeliveries(traffic, { servers, addresses, random }, () => isOver),
    beBusy(traffic, { ...person, servers, pastesAt: late, mayPaste: () => mayPaste }, () => isOver),
  ]
  const killAfter = Math.floor(addresses.length / 2)
  const first = await rewrap(world, { keys: both, killAfter, tell: options.tell })
  const halfway = await look(scene)
  options.tell(`killed after ${first.seconds.toFixed(1)} s; ${halfway.newer} values are under the new key`)
  const second = await rewrap(world, { keys: both, tell: options.tell, onProgress: () => (mayPaste = false) })
  const after = await look(scene)
  isOver = true
  await Promise.all(going)
  return { servers, first, second, halfway, after }
}

function judge(
  { first, second, halfway, after }: Awaited<ReturnType<typeof rewrapUnderWay>>,
  isBusy: boolean,
): readonly string[] {
  const seconds = first.seconds + second.seconds
  return [
    ...(seconds <= limitSeconds || isBusy ? [] : [`It took too long: ${seconds.toFixed(1)} s`]),
    ...(halfway.older > 0 && halfway.newer > 0 ? [] : ['The command was not killed half way.']),
    ...(second.code === 0 ? [] : [`The second run ended with ${second.code}: ${second.said}`]),
    ...(after.older === 0 ? [] : [`${after.older} values are still under the older key after the second run`]),
  ]
}

/** One more secret of the server that was not restarted, a last run, and then servers that have one of the keys alone. */
async function rewrapTheRest(scene: Scene, servers: readonly Server[]) {
  const { world, keys, addresses, person, traffic, options } = scene
  await paste(traffic, person, servers[0]!)
  const { older: behind } = await look(scene)
  for (const server of servers) await server.stop()
  const third = await rewrap(world, { keys: { first: keys.newer, accepted: keys.older }, tell: options.tell })
  const last = await look(scene)
  const alone = await serve(world, { first: keys.newer })
  const every = Math.max(1, Math.floor(addresses.length / lastDeliveries))
  for (let place = 0; place < addresses.length; place += every) await deliverTo(traffic, alone, addresses[place]!)
  await asPerson(traffic, { ...person, server: alone }, ['pages', 'GET', '/connections/stripe'])
  await alone.stop()
  const refusal = await serve(world, { first: keys.older }).then(
    (server) => server.stop().then(() => 'it started'),
    (error: Error) => error.message,
  )
  const needed = `need master key ${masterKeyId(Buffer.from(keys.newer, 'base64'))}`
  const breaches = [
    ...(behind === 1 ? [] : [`The older key was to seal one value more: ${behind}`]),
    ...(third.code === 0 && last.older === 0 ? [] : [`The third run ended with ${third.code}: ${third.said}`]),
    ...(refusal.includes(needed) ? [] : [`A server with the older key alone: ${refusal}`]),
  ]
  return { third, behind, breaches }
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
