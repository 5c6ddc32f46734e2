/** What a browser sends when a form of ours is submitted, and the check that the form was ours. */
import type { Route, SandboxReply, SandboxRequest } from '../http.ts'

/** Reads an urlencoded form body. */
export function readForm(request: SandboxRequest): URLSearchParams {
  return new URLSearchParams(request.body.toString('utf8'))
}

/**
 * Lets a form post through only when it comes from a sandbox page: a browser says where a request was started, and a page
 * of another site could otherwise pay, resend or clear in the name of whoever has the console open.
 */
export function ownPagesOnly(route: Route): Route {
  return {
    ...route,
    handle: (request, params) => (isForeign(request) ? refusal() : route.handle(request, params)),
  }
}

function isForeign(request: SandboxRequest): boolean {
  const startedAt = request.headers['sec-fetch-site']
  return startedAt !== undefined && startedAt !== 'same-origin' && startedAt !== 'none'
}

function refusal(): SandboxReply {
  const body = 'This form was sent from another site. Open the sandbox page and press the button there.\n'
  return { status: 403, headers: { 'content-type': 'text/plain; charset=utf-8' }, body }
}
