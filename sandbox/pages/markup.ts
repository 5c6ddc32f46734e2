/**
 * HTML that cannot forget to escape. A page is written with the tag `markup`; every value put into it is escaped unless
 * it is itself `Markup`, and only this file can make `Markup`, so a subject line or a renter's name stays text.
 * Two things surprise: a value straight after `=` (an attribute without quotes) is a programming error and throws, and an
 * address in href, src, action or formaction must be a path or http(s), or it is replaced by `about:blank`.
 */

/** Text that is already HTML. Made only by `markup`. */
export class Markup {
  readonly #source: string

  constructor(source: string, maker: symbol) {
    if (maker !== MAKER) throw new TypeError('Markup is made by the markup tag only.')
    this.#source = source
  }

  toString(): string {
    return this.#source
  }
}

const MAKER = Symbol('markup')

export type Insertable = Markup | string | number | bigint | null | undefined | false | readonly Insertable[]

/**
 * Builds HTML from a template. Strings and numbers are escaped, lists are joined, `null`, `undefined` and `false` leave
 * nothing behind. Throws `TypeError` when a value stands in an attribute without quotes.
 */
export function markup(chunks: TemplateStringsArray, ...values: Insertable[]): Markup {
  let source = chunks[0] ?? ''
  values.forEach((value, position) => {
    const before = chunks[position] ?? ''
    if (/\s[\w-]+\s*=\s*$/.test(before))
      throw new TypeError(`A value must stand in quotes: ${before.trim().slice(-40)}`)
    source += ADDRESS_ATTRIBUTE.test(before) ? escapeText(keepSafeAddress(String(value ?? ''))) : render(value)
    source += chunks[position + 1] ?? ''
  })
  return new Markup(source, MAKER)
}

const ADDRESS_ATTRIBUTE = /\b(?:href|src|action|formaction)="$/i

/** The five characters that mean something in HTML text or in a quoted attribute, made harmless. */
export function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function render(value: Insertable): string {
  if (value === null || value === undefined || value === false) return ''
  if (value instanceof Markup) return value.toString()
  if (typeof value === 'object') return value.map(render).join('')
  return escapeText(String(value))
}

/** A path of our own or an http(s) address stays; `javascript:` and every other scheme does not. */
export function keepSafeAddress(address: string): string {
  const isPath = /^[/?#](?![/\\])/.test(address)
  return isPath || /^https?:\/\//i.test(address) ? address : 'about:blank'
}
