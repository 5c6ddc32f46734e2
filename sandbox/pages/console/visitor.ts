/** A person at the console, for tests: opens pages and presses buttons as a browser without script does. */
import { Stripe } from 'stripe'

type Fields = readonly (readonly [name: string, value: string])[]

export class Visitor {
  readonly #url: string

  constructor(sandboxUrl: string) {
    this.#url = sandboxUrl
  }

  /** The official SDK with this key. */
  clientOf(key: string): Stripe {
    const { hostname, port } = new URL(this.#url)
    return new Stripe(key, { host: hostname, port: Number(port), protocol: 'http', maxNetworkRetries: 0 })
  }

  async open(path: string): Promise<string> {
    const reply = await fetch(new URL(path, this.#url), { headers: { accept: 'text/html' } })
    return reply.text()
  }

  /** Posts a form and follows where it leads. */
  async send(
    path: string,
    fields: Fields,
    site = 'same-origin',
  ): Promise<{ status: number; path: string; page: string }> {
    const headers = { accept: 'text/html', 'sec-fetch-site': site }
    const body = new URLSearchParams(fields.map(([name, value]) => [name, value]))
    const reply = await fetch(new URL(path, this.#url), { method: 'POST', headers, body })
    return { status: reply.status, path: new URL(reply.url).pathname, page: await reply.text() }
  }

  /** Presses the button with this test id on the page at `path`; what is typed is added to its form. */
  async press(path: string, testId: string, typed: Fields = []): ReturnType<Visitor['send']> {
    const page = await this.open(path)
    const forms = page.match(/<form[\s\S]*?<\/form>/g) ?? []
    const form = forms.find((one) => one.includes(`data-testid="${testId}"`))
    if (form === undefined) throw new Error(`There is no ${testId} on ${path}.`)
    const hidden = [...form.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)]
    const fields = hidden.map(([, name = '', value = '']) => [name, plainText(value)] as const)
    return this.send(/action="([^"]+)"/.exec(form)?.[1] ?? path, [...fields, ...typed])
  }
}

const ESCAPES: Readonly<Record<string, string>> = { quot: '"', '#39': "'", lt: '<', gt: '>', amp: '&' }

function plainText(markup: string): string {
  return markup.replace(/&(quot|#39|lt|gt|amp);/g, (whole, name: string) => ESCAPES[name] ?? whole)
}
