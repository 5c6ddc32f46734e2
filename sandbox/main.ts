/** `npm run sandbox`: the sandboxes alone, until Ctrl+C. Prints the doors and the test keys of both accounts. */
import { join } from 'node:path'
import { CannotListen, startSandbox } from './index.ts'
import type { Sandbox } from './index.ts'

function readPort(text: string | undefined): number {
  const port = Number(text ?? 3001)
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw new CannotListen(`SANDBOX_PORT is "${text}". It must be a whole number from 0 to 65535.`)
}

function describe(sandbox: Sandbox, folder: string): string {
  const keys = sandbox.keys
    .filter(({ mode }) => mode === 'test')
    .flatMap((set) => [`  ${set.account} (${set.accountId})`, `    ${set.publishable}`, `    ${set.secret}`])
  return [
    `Stripe API   ${sandbox.url}/v1`,
    `Console      ${sandbox.url}/_sandbox`,
    `Mail         ${sandbox.url}/_sandbox/mail`,
    `Data         ${folder}`,
    'Test keys',
    ...keys,
    'Stop with Ctrl+C.',
    '',
  ].join('\n')
}

async function main(): Promise<void> {
  const { SANDBOX_PORT, SANDBOX_TOKEN, RENTROLL_DATA_DIR } = process.env
  const folder = join(RENTROLL_DATA_DIR ?? 'data', 'sandbox')
  const port = readPort(SANDBOX_PORT)
  const sandbox = await startSandbox({ port, folder, ...(SANDBOX_TOKEN !== undefined && { token: SANDBOX_TOKEN }) })
  process.stdout.write(describe(sandbox, folder))
  const stop = (): void => {
    void sandbox.close().then(() => process.exit(0))
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

try {
  await main()
} catch (error) {
  const isExpected = error instanceof CannotListen || (error instanceof Error && 'code' in error)
  process.stderr.write(`${isExpected ? error.message : String(error instanceof Error ? error.stack : error)}\n`)
  process.exitCode = 1
}
