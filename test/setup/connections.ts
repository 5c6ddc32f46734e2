/** A connection to the real sandbox, made by the product's own deeds, for tests of the modules that stand on one. */
import { saveCredentials, type ConnectionGround } from '#connections'
import type { Scope } from '#kernel'
import type { StripeGateway } from '#stripe'
import type { TestGround } from './databases.ts'
import type { StripeSandboxGround } from './stripe-sandbox.ts'

/** Endpoints made here point to a port nobody listens on, so the sandbox delivers into the void and reaches no other machine. */
export function connectionGround(ground: TestGround, stripe: StripeGateway): ConnectionGround {
  const { database, box } = ground
  return {
    database,
    box,
    stripe,
    publicUrl: 'http://127.0.0.1:1',
    acceptsLiveKeys: ground.kind === 'postgres',
    isSandboxHost: true,
  }
}

/** Keys of the sandbox's first account saved for this operator. @returns the connection's id. */
export async function connectToSandbox(
  ground: ConnectionGround,
  sandbox: StripeSandboxGround,
  scope: Scope,
): Promise<string> {
  const { publishable, secret } = sandbox.keysOf({ mode: scope.mode })
  const input = { publishableKey: publishable, secretKey: secret, accountId: '', webhookSecret: '' }
  const saved = await saveCredentials(ground, { scope, actor: 'test', input, countAutopayRenters: async () => 0 })
  if (!saved.ok) throw new Error(`the sandbox's own keys were refused: ${saved.refusal.code}`)
  return saved.value.connectionId
}
