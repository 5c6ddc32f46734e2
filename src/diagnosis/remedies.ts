/**
 * The other deeds of the page: ask Stripe everything, test again, ask about the payments that are not final, mail the owner, and decide about a
 * refund that waits.
 */
import type { ConnectionGround } from '#connections'
import { done, formatMoney, type Outcome, type Scope } from '#kernel'
import { mailAccountAgain, mailResumeLink } from '#notifications'
import { accountTellers, followAccount, readAccountView } from '#onboarding'
import { listOwnerEmails } from '#operators'
import { listUnfinishedPayments, planFollowing } from '#payments'
import { inScope, type ScopedHandle } from '#platform'
import { changeWaiting, type RefundDecision } from '#refunds'
import { StripeFault } from '#stripe'
import { askStripe } from './ask-stripe.ts'
import { counted } from './finding.ts'
import { refuse } from './problems.ts'
import type { Changes } from './repair-webhook.ts'
import { watchTroubles } from './watch.ts'

/** Run all checks: asks and judges; nothing is changed at Stripe (UI-160). Without a connection the others are judged alone. */
export async function runChecks(ground: ConnectionGround, scope: Scope): Promise<void> {
  await askStripe(ground, scope)
  const { connection } = await inScope(ground.database, scope, readAccountView)
  if (!connection || connection.state === 'disconnected') return
  try {
    await followAccount(ground, scope, connection.id)
  } catch (error) {
    // What was known before is shown; the account is asked again by itself.
    if (!(error instanceof StripeFault)) throw error
  }
}

/** Test again (STR-112). */
export async function testAgain(ground: ConnectionGround, scope: Scope): Promise<Outcome<Changes>> {
  const asked = await askStripe(ground, scope)
  if (!asked.ok) return asked
  const { title, rows } = asked.value
  const failing = rows.filter(({ state }) => state === 'fail').map(({ text }) => text)
  return done({ changes: [`${title}.`, ...failing.slice(0, 1)] })
}

/** Check these payments now (STR-111): each is asked about at once, beside whatever is planned. */
export async function checkPayments(
  ground: Pick<ConnectionGround, 'database'>,
  scope: Scope,
): Promise<Outcome<Changes>> {
  return inScope(ground.database, scope, async (rows) => {
    const open = await listUnfinishedPayments(rows)
    if (open.length === 0) return refuse('nothing_to_check')
    for (const { id } of open) await planFollowing(rows, id)
    return done({ changes: [`Stripe is being asked about ${counted(open.length, 'payment')} now.`] })
  })
}

/** E-mail link (STR-105): our own link back into Stripe's form, seven days, to everybody who owns the workspace. */
export function mailLink(ground: ConnectionGround, scope: Scope): Promise<Outcome<Changes>> {
  const tellers = accountTellers(ground.publicUrl)
  return mailOwners(ground, scope, async (rows, { connectionId, owners }) => {
    let written = 0
    for (const recipient of owners) {
      const makeLink = () => tellers.makeLink(rows, connectionId)
      if (await mailResumeLink(rows, { connectionId, recipient, makeLink })) written += 1
    }
    return written
  })
}

/** Send the mail again (STR-108). */
export function mailAgain(ground: ConnectionGround, scope: Scope): Promise<Outcome<Changes>> {
  const tellers = accountTellers(ground.publicUrl)
  return mailOwners(ground, scope, (rows, { connectionId, owners }) =>
    mailAccountAgain(rows, connectionId, { tellers, owners }),
  )
}

type Told = { readonly connectionId: string; readonly owners: readonly string[] }

async function mailOwners(
  { database }: ConnectionGround,
  scope: Scope,
  write: (rows: ScopedHandle, told: Told) => Promise<number | undefined>,
): Promise<Outcome<Changes>> {
  const owners = await listOwnerEmails(database, scope.operatorId)
  return inScope(database, scope, async (rows) => {
    const { connection } = await readAccountView(rows)
    if (!connection || connection.state === 'disconnected') return refuse('no_account_to_mail_about')
    const written = await write(rows, { connectionId: connection.id, owners })
    if (written === undefined) return refuse('nothing_asked_for')
    const to = owners.join(', ')
    return done({
      changes: [
        written > 0
          ? `A mail with a link that works for seven days is on its way to ${to}.`
          : `A mail went to ${to} within the last hour, so none was sent again.`,
      ],
    })
  })
}

type RefundWish = { readonly refundId: string; readonly decision: RefundDecision; readonly actor: string }

const decided: Readonly<Record<RefundDecision, (amount: string) => string>> = {
  wait: (amount) =>
    `The balance is being looked at now. The refund of ${amount} goes out by itself, once, as soon as funds arrive.`,
  send: (amount) =>
    `The refund of ${amount} is being sent to Stripe. Stripe sends it on, or holds it until funds settle; where Stripe refuses it, it waits here again.`,
  cancel: (amount) => `The refund of ${amount} was cancelled. Nothing was sent; the money is owed again.`,
}

/** What a person decides about a refund that waits for funds (STR-109). */
export async function decideRefund(
  { database }: Pick<ConnectionGround, 'database'>,
  scope: Scope,
  wish: RefundWish,
): Promise<Outcome<Changes>> {
  return inScope(database, scope, async (rows) => {
    const changed = await changeWaiting(rows, wish)
    if (!changed.ok) return changed
    await watchTroubles(rows)
    return done({ changes: [decided[wish.decision](formatMoney(changed.value))] })
  })
}
