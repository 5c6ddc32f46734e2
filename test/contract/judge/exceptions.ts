/** What the judge lets pass, each with its reason; at most twenty. Whoever adds a line says why the contract is wrong here. */

export type Exception = {
  readonly about: 'operation' | 'request' | 'answer' | 'event'
  /** Method and path, or event type. */
  readonly where: RegExp
  /** Place in the body, as in '/data/0/amount'; every place when not given. */
  readonly path?: RegExp
  readonly reason: string
}

export const exceptions: readonly Exception[] = [
  {
    about: 'operation',
    where: /^(?:GET|POST) \/v1\/payment_pages\//,
    reason: 'the page behind Checkout is not published; the Stripe CLI opens and confirms it all the same (SBX-45)',
  },
  {
    about: 'answer',
    where: / \/v1\/payment_pages\//,
    path: /^\/error\/code$/,
    reason: 'the codes of the unpublished page are published nowhere either',
  },
  {
    about: 'answer',
    where: / \/v1\/account/,
    path: /\/requirements\/disabled_reason$/,
    reason: 'one script of an account ends in a reason nobody knows yet, on purpose (SBX-28)',
  },
  {
    about: 'event',
    where: /^account\.updated$/,
    path: /\/requirements\/disabled_reason$/,
    reason: 'the same reason nobody knows yet, told by an event (SBX-28)',
  },
  {
    about: 'request',
    where: /^GET \/v2\//,
    path: /^\/page$/,
    reason: 'the SDK asks for the next page of v2 by the address the page before gave, which no declaration lists',
  },
]

export const mostExceptions = 20
