/**
 * What a button of the console does: exactly what the control API does for a program. A form is posted to
 * `/_sandbox/press` followed by the address of its twin; here it becomes the JSON the twin takes, and the twin's answer
 * becomes a sentence on the page the form came from. So no button can do what a script cannot, and both are one code.
 */
import { compileRoutes, redirect } from '../../http.ts'
import type { Method, Route, SandboxReply, SandboxRequest } from '../../http.ts'
import { ownPagesOnly, readForm } from '../form.ts'
import type { Notices } from './notices.ts'
import { readTyped } from './typed-fields.ts'

export interface Presses {
  readonly notices: Notices
  /** The control API. */
  readonly twins: readonly Route[]
  /** Lets what the press caused happen before the next page is shown. */
  settle(): Promise<void>
}

/** Deliveries to an address that does not answer must not keep a person waiting. */
const longestSettlingMs = 1500

export function pressRoutes(presses: Presses): Route[] {
  const find = compileRoutes(presses.twins)
  const press = async (request: SandboxRequest, methods: readonly Method[]): Promise<SandboxReply> => {
    const form = readForm(request)
    const back = keepOwnPath(form.get('back') ?? '')
    const twin = twinRequest(request, form, methods)
    const found = twin === null ? undefined : find(twin)
    if (twin === null || found === undefined) return redirect('/_sandbox')
    const reply = await found.route.handle(twin, found.params)
    await settled(presses)
    const refusal = reply.status < 400 ? null : refusalOf(reply)
    const notice =
      refusal === null
        ? { tone: 'good' as const, text: form.get('said') ?? 'Done.', typed: new URLSearchParams() }
        : { tone: 'bad' as const, text: refusal, typed: form }
    const next = refusal === null ? keepOwnPath(form.get('done') ?? back) : back
    return redirect(withNotice(next, presses.notices.add(notice)))
  }
  return [
    ownPagesOnly({
      method: 'POST',
      pattern: '/_sandbox/press/*',
      handle: (request) => press(request, ['POST', 'DELETE']),
    }),
  ]
}

/** The request a program would have sent. */
function twinRequest(
  request: SandboxRequest,
  form: URLSearchParams,
  methods: readonly Method[],
): SandboxRequest | null {
  const method = methods.find((one) => one === (form.get('method') ?? 'POST'))
  if (method === undefined) return null
  const url = new URL(request.url)
  url.pathname = url.pathname.replace('/_sandbox/press/', '/_sandbox/')
  return {
    ...request,
    method,
    url,
    headers: { ...request.headers, accept: 'application/json', 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify(readTyped(form))),
  }
}

async function settled({ settle }: Presses): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, longestSettlingMs)
  })
  await Promise.race([settle(), patience])
  clearTimeout(timer)
}

/** Only a page of the sandbox itself. */
function keepOwnPath(path: string): string {
  return /^\/(?:_sandbox|dashboard|connect)(?:[/?#]|$)/.test(path) ? path : '/_sandbox'
}

function withNotice(path: string, name: string): string {
  const url = new URL(path, 'http://sandbox')
  url.searchParams.set('notice', name)
  return `${url.pathname}${url.search}${url.hash}`
}

/** The sentence in the twin's answer: ours is `{error: '…'}`, Stripe's `{error: {message: '…'}}`. */
function refusalOf(reply: SandboxReply): string {
  const { error } = JSON.parse(String(reply.body)) as { error?: string | { message?: string } }
  if (typeof error === 'string') return error
  return error?.message ?? `The control API answered ${reply.status}.`
}
