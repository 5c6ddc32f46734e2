/** An API call as a command for a shell. The key is not in it: it was never kept. */
import type { RequestView } from '../../../stripe/index.ts'

/** Lines joined by a backslash, every value in single quotes. */
export function curlCommand(request: RequestView, publicUrl: string): string {
  const { method, path, apiVersion, idempotencyKey, requestBody } = request
  const isForm = !/^\s*[[{]/.test(requestBody)
  const parts = isForm ? requestBody.split('&').filter((part) => part !== '') : [requestBody]
  const lines = [
    `curl ${quote(publicUrl + path)}`,
    ...(method === 'POST' && requestBody !== '' ? [] : [`-X ${method}`]),
    '-u "$STRIPE_KEY:"',
    ...(apiVersion === null ? [] : [`-H ${quote(`Stripe-Version: ${apiVersion}`)}`]),
    ...(idempotencyKey === null ? [] : [`-H ${quote(`Idempotency-Key: ${idempotencyKey}`)}`]),
    ...(isForm ? [] : [`-H ${quote('Content-Type: application/json')}`]),
    ...parts.map((part) => `-d ${quote(readable(part))}`),
  ]
  return lines.join(' \\\n  ')
}

/** Brackets in names need no escaping in a form body, and are easier to read without. */
function readable(part: string): string {
  return part.replaceAll('%5B', '[').replaceAll('%5D', ']')
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
