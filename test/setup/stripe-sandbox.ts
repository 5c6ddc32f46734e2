/**
 * The real Stripe sandbox for a test file, over HTTP on a port of its own, and a gateway that talks to it. Faults and keys are made
 * through its control API, as a person makes them in its console.
 */
import { createLogs, Secret, systemClock, type Clock, type Logs } from '#platform'
import { createStripe, type StripeGateway, type StripeScope } from '#stripe'
import { startSandbox, type Sandbox, type SandboxKeys } from '../../sandbox/index.ts'

export type StripeSandboxGround = {
  readonly sandbox: Sandbox
  readonly gateway: StripeGateway
  /** Every line the gateway logged, after the scrubber. */
  readonly logLines: readonly string[]
  /** The keys of one seeded account; the first account in test mode when not told otherwise. */
  keysOf(which?: { readonly account?: string; readonly mode?: 'test' | 'live' }): SandboxKeys
  scopeOf(keys?: SandboxKeys, credential?: string): StripeScope
  /** POST to `/_sandbox…`. @returns the JSON answer. @throws when the sandbox refused. */
  control(path: string, body?: unknown): Promise<Record<string, unknown>>
  /** Arms one fault of the API for the next matching call. */
  armFault(
    match: { readonly method?: string; readonly path?: string; readonly nth?: number },
    effect: unknown,
    times?: number,
  ): Promise<void>
  close(): Promise<void>
}

export async function openStripeSandbox(clock: Clock = systemClock): Promise<StripeSandboxGround> {
  const sandbox = await startSandbox({ port: 0, now: () => clock.now(), webhookProfile: 'fast' })
  const logLines: string[] = []
  const logs: Logs = createLogs('debug', (line) => void logLines.push(line))
  const gateway = createStripe({ apiBase: sandbox.url, logs, clock, installation: 'test-installation' })
  const keysOf: StripeSandboxGround['keysOf'] = ({ account, mode = 'test' } = {}) => {
    const found = sandbox.keys.find((keys) => keys.mode === mode && (account === undefined || keys.account === account))
    if (!found) throw new Error(`the sandbox has no ${mode} keys of ${account ?? 'any account'}`)
    return found
  }
  const control: StripeSandboxGround['control'] = async (path, body = {}) => {
    const reply = await fetch(`${sandbox.url}/_sandbox${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    const answer = (await reply.json()) as Record<string, unknown>
    if (!reply.ok) throw new Error(`the sandbox refused ${path}: ${JSON.stringify(answer)}`)
    return answer
  }
  return {
    sandbox,
    gateway,
    logLines,
    keysOf,
    scopeOf: (keys = keysOf(), credential = keys.secret) => ({
      credential: new Secret(credential),
      mode: keys.mode,
      connectionId: 'connection-of-a-test',
      operatorId: '00000000-0000-7000-8000-000000000000',
    }),
    control,
    async armFault(match, effect, times = 1) {
      await control('/faults', { where: 'api', match, effect, times })
    },
    close: () => sandbox.close(),
  }
}
