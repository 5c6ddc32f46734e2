/**
 * Who is calling (SBX-7 to SBX-10): the key as Bearer or as Basic user, the account it may act for, and whether it may do
 * this operation. Keys this sandbox did not issue are refused, whatever they look like.
 */
import { StripeRefusal, refuse } from '../errors.ts'
import type { KeyRecord, Row } from '../world/kinds.ts'
import { settingsOf } from '../world/settings.ts'
import type { Space } from '../world/space.ts'
import type { World } from '../world/world.ts'
import type { Operation } from './operation.ts'

export interface Caller {
  readonly key: KeyRecord
  readonly account: Row<'account'>
  readonly space: Space
}

/** Throws StripeRefusal 401 or 403. `accountHeader` is the value of `Stripe-Account`, when sent. */
export function authenticate(
  world: World,
  headers: { authorization: string | undefined; accountHeader: string | undefined },
): Caller {
  const key = getKey(world, readKey(headers.authorization))
  const account = getAccount(world, key, headers.accountHeader)
  return { key, account, space: world.space(account.id, key.mode) }
}

function readKey(header: string | undefined): string {
  const [scheme = '', value = ''] = (header ?? '').trim().split(/\s+/)
  if (scheme.toLowerCase() === 'bearer' && value !== '') return value
  if (scheme.toLowerCase() === 'basic') {
    const [user = ''] = Buffer.from(value, 'base64').toString('utf8').split(':')
    if (user !== '') return user
  }
  const message = `You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details, or we can help at https://support.stripe.com/.`
  throw refuse(message, { status: 401 })
}

function getKey(world: World, text: string): KeyRecord {
  const key = world.root.find('key', text)?.object
  if (key === undefined && isOpenTo(world, text)) return getPlatformKey(world, text)
  if (key === undefined || key.state === 'revoked') throw refuseKey(text)
  if (key.state === 'expired')
    throw refuse(`Expired API Key provided: ${maskKey(text)}`, { status: 401, code: 'api_key_expired' })
  return key
}

/** What an unknown or revoked key is answered. */
export function refuseKey(text: string): StripeRefusal {
  return refuse(`Invalid API Key provided: ${maskKey(text)}`, { status: 401 })
}

function isOpenTo(world: World, text: string): boolean {
  return settingsOf(world).openMode && /^sk_test_(?!.*(?:bad|revoked))[A-Za-z0-9_]+$/.test(text)
}

/** In open mode an outside tool's own key acts for the platform account in test mode. */
function getPlatformKey(world: World, text: string): KeyRecord {
  const [platform] = world.root.newestFirst('account', { where: ({ hidden }) => hidden.isPlatform })
  if (platform === undefined) throw refuseKey(text)
  return { key: text, account: platform.id, mode: 'test', kind: 'secret', state: 'active', permissions: [] }
}

/** First letters and last four, as Stripe writes a key in a message. */
function maskKey(text: string): string {
  if (text.length <= 12) return '*'.repeat(text.length)
  return `${text.slice(0, 8)}${'*'.repeat(Math.min(text.length - 12, 20))}${text.slice(-4)}`
}

/** The account `key` acts for when it names `accountId`: its own, or one connected to its platform. */
export function getAccount(world: World, key: KeyRecord, accountId: string | undefined): Row<'account'> {
  const named = accountId ?? key.account
  const account = world.root.find('account', named)
  if (account !== undefined && (named === key.account || isConnected(account, key))) return account
  const message = `The provided key '${maskKey(key.key)}' does not have access to account '${named}' (or that account does not exist). Application access may have been revoked.`
  throw refuse(message, { status: 403, code: 'account_invalid' })
}

/** A connected account can be reached by its platform only, and only in the mode in which it was made (SBX-9). */
function isConnected({ hidden }: Row<'account'>, key: KeyRecord): boolean {
  return hidden.platform === key.account && hidden.connection?.mode === key.mode
}

/** Throws StripeRefusal 403 when the key's kind or its permissions do not cover the operation. */
export function checkPermission(caller: Caller, operation: Operation): void {
  const { key } = caller
  if (key.kind === 'publishable' && !operation.allowsPublishable) {
    const message =
      'This API call cannot be made with a publishable API key. Please use a secret API key. You can find a list of your API keys at https://dashboard.stripe.com/account/apikeys.'
    throw refuse(message, { status: 403, code: 'secret_key_required' })
  }
  if (key.kind !== 'restricted' || holds(key.permissions, operation.permission)) return
  const message = `The provided key '${maskKey(key.key)}' does not have the required permissions for this endpoint on account '${caller.account.id}'. Having the 'rak_${operation.permission}' permission would allow this request to continue.`
  throw new StripeRefusal(403, { type: 'invalid_request_error', message })
}

function holds(permissions: readonly string[], needed: string): boolean {
  if (permissions.includes(needed)) return true
  return needed.endsWith('_read') && permissions.includes(needed.replace(/_read$/, '_write'))
}
