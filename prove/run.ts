/**
 * `npm run prove -- <name>`: proves by name (trust §20), with `--n` cases and `--seed`; `-- list` names what can be proved. Ends with 1 on
 * any breach. A new proof is one file and one line here.
 */
import { parseArgs } from 'node:util'
import { describeMachine, readLoad } from '../bench/machine.ts'
import { proveBackFill } from './back-fill.ts'
import { proveKills } from './kills.ts'
import { proveOperators } from './operators.ts'
import type { ProofOptions, ProofReport } from './options.ts'
import { proveOrder } from './order.ts'
import { proveRewrap } from './rewrap.ts'
import { proveWebhookInput } from './webhook-input.ts'

type Proof = (options: ProofOptions) => Promise<ProofReport>

const proofs: Readonly<Record<string, { readonly says: string; readonly run: Proof }>> = {
  G4: { says: 'order: --n histories (1,000,000) of Stripe objects end in one state each', run: proveOrder },
  G6: {
    says: 'webhook input: --n hostile requests (1,000,000), none accepted, none 5xx, no exit; slow senders; timing',
    run: proveWebhookInput,
  },
  backfill: {
    says: 'recovery (a part of G10): --n events (50,000) of an outage of 72 hours, all fetched and worked within 10 minutes, once',
    run: proveBackFill,
  },
  kills: {
    says: 'crashes: --n events (5,000) dropped, repeated and shuffled while server and worker die every two seconds; 0 lost, 0 twice',
    run: proveKills,
  },
  operators: {
    says: 'tenancy: --n operators (200) of both kinds; each event changes its own operator only, another’s metadata nobody',
    run: proveOperators,
  },
  rewrap: {
    says: 'master keys (a part of G8): --n operators (10,000) come under a new one within a minute, no request fails meanwhile',
    run: proveRewrap,
  },
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { n: { type: 'string' }, seed: { type: 'string' } },
  })
  const [name = 'list'] = positionals
  const proof = Object.hasOwn(proofs, name) ? proofs[name] : undefined
  if (proof === undefined) {
    const lines = Object.entries(proofs).map(([known, { says }]) => `${known.padEnd(9)} ${says}`)
    process.stdout.write(`${lines.join('\n')}\n`)
    if (name !== 'list') process.exitCode = 1
    return
  }
  const before = readLoad()
  const seed = values.seed === undefined ? Date.now() % 1_000_000_000 : Number(values.seed)
  process.stdout.write(
    `${name}, seed ${seed}${before.isBusy ? ', on a busy machine: counts are proved, times are not' : ''}\n`,
  )
  const startedAt = performance.now()
  const { lines, breaches } = await proof.run({
    n: values.n === undefined ? undefined : Number(values.n),
    seed,
    isBusy: before.isBusy,
    tell: (sentence) => void process.stderr.write(`${sentence}\n`),
  })
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const verdict = breaches.length === 0 ? `${name} holds` : `${name} is broken: ${breaches.length} breaches`
  const last = [...describeMachine(before), `${verdict}, seed ${seed}, ${seconds} s`]
  process.stdout.write(`${[...lines, ...breaches.slice(0, 20), ...last].join('\n')}\n`)
  if (breaches.length > 0) process.exitCode = 1
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
await main()
