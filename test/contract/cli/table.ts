/** The table of what Stripe's command line tool proves, as docs/stripe-cli-triggers.md shows it. */
import type { Run } from './lane.ts'

const head = `# Stripe's command line tool against the sandbox

Made by \`test/contract/cli-triggers.test.ts\` (SBX-52): \`stripe trigger\` of @stripe/cli 1.52.0 runs against the sandbox, once as
the platform itself and once with \`--stripe-account\`. Per run: how often the event came to the webhook endpoint it belongs
to, whether the SDK accepted each signature, whether the event names the account (Connect), and whether the effect was
found in the objects, read anew over the API. Renew with \`RENTROLL_WRITE_CLI_TABLE=1 vitest run --project contract\`.
`

const columns = ['Trigger', 'Event', 'Effect that was looked for', 'Plain', 'Connect'] as const

/** One cell: what a run showed. */
function describe(run: Run | undefined): string {
  if (run === undefined) return 'not run'
  if (isRefused(run)) return `refused as at Stripe: \`${run.trigger.refusedOnConnect}\``
  const times = run.delivered === 1 ? 'delivered once' : `delivered ${run.delivered} times`
  const verified = run.verified === run.delivered && run.verified > 0 ? 'verified' : 'not verified'
  return [times, verified, run.effect === undefined ? 'effect found' : 'no effect'].join(', ')
}

/** Whether the tool was refused as it should be, and nothing was told. */
export function isRefused({ trigger, way, delivered, strayed, output }: Run): boolean {
  const code = trigger.refusedOnConnect
  return way === 'connect' && code !== undefined && delivered + strayed === 0 && output.includes(`"code": "${code}"`)
}

export function drawTable(runs: readonly Run[]): string {
  const rows = runs
    .filter((run) => run.way === 'plain')
    .map((plain) => {
      const { name, event, says } = plain.trigger
      const connect = runs.find((run) => run.way === 'connect' && run.trigger === plain.trigger)
      return [`\`${name}\``, `\`${event}\``, says, describe(plain), describe(connect)]
    })
  const widths = columns.map((column, place) => Math.max(column.length, ...rows.map((row) => row[place]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, place) => cell.padEnd(widths[place] ?? 0)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return `${head}\n${[line(columns), rule, ...rows.map(line)].join('\n')}\n`
}
