/**
 * Which of two connections takes new money (STR-13, STR-14). A person chooses; the other one drains: what is under way there ends there, and
 * refunds go by the account the payment was made on.
 */
import { noteAudit } from '#audit'
import { findConnectConnection, findOwnKeysConnection, setChargingConnection, type Connection } from '#connections'
import { done, publicId, type Outcome } from '#kernel'
import type { ScopedHandle } from '#platform'
import { acceptsPaidBookings } from './account-status.ts'
import { refuse, type OnboardingProblem } from './problems.ts'
import { findAccount } from './store.ts'

export type ChargingChoice = { readonly connection: Connection; readonly mayCharge: boolean }

/** The connections that are not disconnected, and whether each may be chosen. */
export async function listChargingChoices(rows: ScopedHandle): Promise<readonly ChargingChoice[]> {
  const own = await findOwnKeysConnection(rows)
  const connect = await findConnectConnection(rows)
  const account = connect && (await findAccount(rows, connect.id))
  return [
    ...(own ? [{ connection: own, mayCharge: own.state === 'connected' }] : []),
    ...(connect
      ? [
          {
            connection: connect,
            mayCharge: connect.state === 'connected' && acceptsPaidBookings(account?.statusDetail ?? 'not_connected'),
          },
        ]
      : []),
  ]
}

export async function chooseCharging(
  rows: ScopedHandle,
  { kind, actor }: { readonly kind: Connection['kind']; readonly actor: string },
): Promise<Outcome<{ readonly connectionId: string }, OnboardingProblem>> {
  const choices = await listChargingChoices(rows)
  const choice = choices.find(({ connection }) => connection.kind === kind)
  if (!choice?.mayCharge) return refuse('not_chargeable')
  await setChargingConnection(rows, choice.connection.id, actor)
  noteAudit(rows, {
    action: 'connection.charging_chosen',
    object: { kind: 'connection', id: publicId('connection', choice.connection.id) },
    before: { charging: choices.find(({ connection }) => connection.isCharging)?.connection.kind ?? null },
    after: { charging: kind },
  })
  return done({ connectionId: choice.connection.id })
}
