/**
 * Prints the papers that only repeat what the source says: `.env.example`, docs/operations/configuration.md, docs/modules.md and
 * the tables of docs/sandbox-differences.md and docs/stripe-events.md. `node scripts/docs.ts` writes them; docs.test.ts fails when a committed one differs, so a setting or a state cannot be added in
 * silence. The arrows of a diagram are not read from a table but asked from the function the product itself asks.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { settings } from '#platform'
import * as invoice from '../src/billing/invoice-state.ts'
import * as connection from '../src/connections/connection-state.ts'
import * as rotation from '../src/endpoints/rotation-state.ts'
import * as lease from '../src/leases/lease-state.ts'
import { moneyCallStates } from '../src/payments/money-call-state.ts'
import * as payment from '../src/payments/payment-state.ts'
import * as payout from '../src/payouts/payout-state.ts'
import * as refund from '../src/refunds/refund-state.ts'
import * as setup from '../src/renters/setup-state.ts'
import * as inbox from '../src/inbox/inbox-state.ts'
import { routes, type Route } from '../src/inbox/routes.ts'
import { requiredEvents } from '#stripe'
import { expectations, order, webPartsWithDoor, type StatePair } from '../test/architecture/map.ts'
import { printSandboxDifferences } from './docs-sandbox.ts'
import { drawStates } from './docs-states.ts'

/** One printed paper; `path` is relative to the root of the repository. */
export type Paper = { readonly path: string; readonly text: string }

type Setting = { readonly means: string; readonly example: string; readonly secret?: boolean }

const root = join(import.meta.dirname, '..')

/** What each state file of the architecture map exports; one that is missing here is an error when the papers are printed. */
const machines: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'src/billing/invoice-state.ts': invoice,
  'src/connections/connection-state.ts': connection,
  'src/endpoints/rotation-state.ts': rotation,
  'src/leases/lease-state.ts': lease,
  'src/payments/money-call-state.ts': { moneyCallStates },
  'src/payments/payment-state.ts': payment,
  'src/refunds/refund-state.ts': refund,
  'src/payouts/payout-state.ts': payout,
  'src/renters/setup-state.ts': setup,
  'src/inbox/inbox-state.ts': inbox,
}

const allSettings = Object.entries<Setting>(settings)

/** Every paper as it should stand in the repository. */
export function printPapers(): readonly Paper[] {
  return [
    { path: '.env.example', text: printEnvironment() },
    { path: 'docs/operations/configuration.md', text: printConfiguration() },
    { path: 'docs/modules.md', text: printModules() },
    { path: 'docs/sandbox-differences.md', text: printSandboxDifferences(root) },
    { path: 'docs/stripe-events.md', text: printEvents() },
  ]
}

function printEnvironment(): string {
  const opening = [
    '# Copy this file to .env (mode 0600) and take the # away from what you set. Nothing here is needed for the demo.',
    '# What is set in the real environment wins over this file. Printed from src/platform/configuration.ts.',
  ]
  const entries = allSettings.map(([name, { means, example }]) =>
    isCommand(example) ? `# ${means}; make one with: ${example}\n#${name}=` : `# ${means}\n#${name}=${example}`,
  )
  return `${opening.join('\n')}\n\n${entries.join('\n\n')}\n`
}

function printConfiguration(): string {
  const rows = allSettings.map(
    ([name, setting]) => `| \`${name}\` | ${capitalise(setting.means)}. | ${exampleOf(setting)} |`,
  )
  const secrets = allSettings.filter(([, { secret }]) => secret).map(([name]) => `\`${name}\``)
  return `# Configuration

This page and \`.env.example\` are printed from the table in \`src/platform/configuration.ts\` by \`node scripts/docs.ts\`.

Settings are environment variables. They are read once, when a process starts. A file \`.env\` in the folder the process is
started in is read too; what is set in the real environment wins. There is no other configuration file. Keys of operators
are not settings: they are typed in the console and kept encrypted in the database.

The demo needs none of them. For production set \`DATABASE_URL\`, \`DATABASE_AUTH_URL\`, \`PUBLIC_URL\`, one of the two master
keys and \`MAIL_URL\`; see [production](production.md).

| name | meaning | example |
|---|---|---|
${rows.join('\n')}

These hold secrets: ${secrets.join(', ')}.

Give \`.env\` the mode 0600 when one of them stands in it. Their values are never printed, also not in an error.

## When a setting is wrong

The process does not start and exits with code 1. It names every problem at once, with an example:

\`\`\`
PORT is "three". Example: PORT=3000
RENTROLL_DATADIR is not a setting. The nearest one is RENTROLL_DATA_DIR.
\`\`\`

A blank value counts as not set. A name that begins with \`RENTROLL_\` and is not in the table is a mistake and is refused.

## Read elsewhere

\`npm run sandbox\` reads \`SANDBOX_PORT\`, \`RENTROLL_DATA_DIR\` and \`SANDBOX_TOKEN\`. With \`SANDBOX_TOKEN\` set, the sandbox console
also answers callers from other machines that send it as \`Authorization: Bearer …\`. With \`SANDBOX_RECORD\` set to a folder, every
sandbox, also that of the demo, writes each call, event and delivery into a file there, whole and unscrubbed, with the text of
\`SANDBOX_RECORD_LABEL\` on each line.

The tests read \`TEST_DATABASE_URL\` and \`TEST_DATABASE_OWNER_URL\` (a PostgreSQL of yours instead of a throw-away one),
\`RENTROLL_TEST_DATABASES\` (\`pglite\` or \`postgres\`; both when not set), \`REQUIRE_POSTGRES=1\`, \`REQUIRE_BROWSER=1\` (a missing
one is then a failure and not a skip) and \`CHROMIUM_PATH\`. Every run ends by holding the traffic with the Stripe sandbox against the
contract of the installed \`stripe\` package, and fails on a finding; \`KEEP_TRAFFIC=1\` keeps the recorded traffic in the temporary
folder. \`STRIPE_OPERATIONS=write\` lets a run write docs/stripe-operations.md, and \`STRIPE_CONTRACT=write\` with
\`npx vitest run test/contract/contract.test.ts\` accepts the contract of a new release of the package.
`
}

function printEvents(): string {
  const all = Object.entries<Route>(routes)
  const rowsOf = (wanted: boolean) =>
    all
      .filter(([type]) => requiredEvents.some((required) => required === type) === wanted)
      .map(([type, route]) => `| \`${type}\` | ${'ignored' in route ? `Ignored. ${route.ignored}` : route.effect} |`)
      .join('\n')
  return `# What each Stripe event does

Printed from the table in \`src/inbox/routes.ts\` by \`node scripts/docs.ts\`.

No amount and no state is taken from an event. It names an object, the object is read again from Stripe with the operator's key, and
what Stripe says now is judged and written in one transaction. So an event may come twice, late, in any order, and in the shape of any
API version. All events of one payment, of its charge and of its refunds lead to its PaymentIntent, which one request reads with both.

An event about something that was not made by Rentroll changes nothing and is kept as ignored. One whose metadata names another
workspace is quarantined, on arrival and again after the object was read.

An invoice issued in Stripe is linked to one here by its metadata: \`rentroll_invoice\` with the id of the invoice, such as \`inv_…\`.

## The ten required events

| event | effect |
|---|---|
${rowsOf(true)}

## The recommended events

| event | effect |
|---|---|
${rowsOf(false)}
`
}

function printModules(): string {
  const modules = order.filter((name) => name !== 'web' && existsSync(join(root, 'src', name, 'index.ts')))
  const sections = modules.map(printModule)
  const parts = webPartsWithDoor.filter((part) => existsSync(join(root, 'src/web', part, 'index.ts')))
  return `# Modules

Printed from the source by \`node scripts/docs.ts\`: what a module owns stands at the top of its door (\`src/<module>/index.ts\`),
and the arrows are what its state files answer. The order is the order of knowledge: a module may use those above it on
this page and none below.

${sections.join('\n')}
## web

HTTP and screens. \`operator\` is the console, \`public\` the pages of renters.

${parts.map((part) => `- **${part}**: ${openingOf(join(root, 'src/web', part, 'index.ts'))}`).join('\n')}
`
}

function printModule(name: string): string {
  const folder = `src/${name}/`
  const drawings = expectations.statePairs.filter(({ file }) => file.startsWith(folder)).map(printStateFile)
  return [`## ${name}\n\n${openingOf(join(root, folder, 'index.ts'))}\n`, ...drawings].join('\n')
}

function printStateFile({ file, list }: StatePair): string {
  const path = join(root, file)
  const machine = machines[file]
  if (machine === undefined) throw new Error(`scripts/docs.ts does not import ${file}`)
  const noun = basename(file, '-state.ts').replaceAll('-', ' ')
  const drawing = drawStates({ list, machine, source: readFileSync(path, 'utf8') })
  return `### States of: ${noun}\n\n${openingOf(path)}\n\n${drawing}`
}

/** The opening comment of a file as one paragraph. @throws when it has none, because then there is nothing to print. */
function openingOf(path: string): string {
  const comment = /^\/\*\*([\s\S]*?)\*\//.exec(readFileSync(path, 'utf8'))?.[1]
  if (comment === undefined) throw new Error(`${path} has no opening comment`)
  const words = comment.replaceAll(/^[ \t]*\*/gm, '').replaceAll(/\s+/g, ' ')
  return words.trim()
}

function exampleOf({ example }: Setting): string {
  return isCommand(example) ? `made with \`${example}\`` : `\`${example}\``
}

/** Some values are made and not written; their example is the command that makes one. */
function isCommand(example: string): boolean {
  return example.startsWith('npm ')
}

function capitalise(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

if (import.meta.main) {
  for (const { path, text } of printPapers()) {
    const file = join(root, path)
    const isSame = existsSync(file) && readFileSync(file, 'utf8') === text
    mkdirSync(dirname(file), { recursive: true })
    if (!isSame) writeFileSync(file, text)
    process.stdout.write(`${isSame ? 'unchanged' : 'written  '} ${path}\n`)
  }
}
