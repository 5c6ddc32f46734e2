/**
 * The head of a message or part: folded lines, parameters such as `charset="utf-8"` and `filename*0*=…` (RFC 2231), and
 * lists of addresses. Names are compared without regard to case; a repeated header keeps every value.
 */
import { decodeCharset, decodeHeaderText } from './mime-encodings.ts'

export interface Header {
  name: string
  /** Unfolded, as sent. Encoded words are still encoded: decode with `decodeHeaderText` where people read it. */
  value: string
}

export interface Address {
  name: string
  address: string
}

export interface ParameterizedValue {
  /** Lower case, for example `multipart/alternative`. */
  value: string
  parameters: Map<string, string>
}

/** Reads header lines. Lines that are no header (no colon) are left out. */
export function parseHeaders(head: string): Header[] {
  const lines = head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)
  return lines.flatMap((line) => {
    const match = /^([!-9;-~]+)[ \t]*:[ \t]*(.*)$/.exec(line)
    return match === null ? [] : [{ name: match[1] ?? '', value: (match[2] ?? '').trim() }]
  })
}

/** The first value of a header, or an empty string. */
export function findHeader(headers: readonly Header[], name: string): string {
  return headers.find((header) => header.name.toLowerCase() === name.toLowerCase())?.value ?? ''
}

/** Reads `text/html; charset=utf-8` and the like; a value cut into `name*0`, `name*1` comes back whole. */
export function parseParameters(header: string): ParameterizedValue {
  const [first = '', ...rest] = splitOutsideQuotes(header, ';')
  const pieces = new Map<string, Map<number, { text: string; isEncoded: boolean }>>()
  for (const piece of rest) {
    const match = /^\s*([^\s=*]+)(?:\*(\d+))?(\*)?\s*=\s*([\s\S]*?)\s*$/.exec(piece)
    if (match === null) continue
    const name = (match[1] ?? '').toLowerCase()
    const order = pieces.get(name) ?? new Map<number, { text: string; isEncoded: boolean }>()
    order.set(Number(match[2] ?? 0), { text: unquote(match[4] ?? ''), isEncoded: match[3] === '*' })
    pieces.set(name, order)
  }
  const parameters = new Map([...pieces].map(([name, order]) => [name, joinPieces(order)]))
  return { value: first.trim().toLowerCase(), parameters }
}

function joinPieces(order: Map<number, { text: string; isEncoded: boolean }>): string {
  const sorted = [...order].toSorted(([left], [right]) => left - right).map(([, piece]) => piece)
  if (!sorted.some((piece) => piece.isEncoded)) return decodeHeaderText(sorted.map((piece) => piece.text).join(''))
  const first = sorted[0]?.text ?? ''
  const charset = /^([^']*)'[^']*'/.exec(first)
  const bytes = sorted.map((piece, position) => {
    const text = position === 0 && charset !== null ? piece.text.slice(charset[0].length) : piece.text
    return piece.isEncoded ? decodePercents(text) : text
  })
  return decodeCharset(Buffer.from(bytes.join(''), 'latin1'), charset?.[1] ?? 'utf-8')
}

function decodePercents(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** Reads `"Reed, Ada" <ada@example.com>, bob@example.com`. Entries without an address are left out. */
export function parseAddresses(header: string): Address[] {
  return splitOutsideQuotes(header, ',').flatMap((entry) => {
    const angle = /^([\s\S]*?)<([^<>]*)>\s*$/.exec(entry)
    const address = (angle?.[2] ?? entry).trim()
    if (!address.includes('@')) return []
    return [{ name: decodeHeaderText(unquote((angle?.[1] ?? '').trim())), address: decodeHeaderText(address) }]
  })
}

function unquote(text: string): string {
  const match = /^"([\s\S]*)"$/.exec(text)
  return match === null ? text : (match[1] ?? '').replace(/\\([\s\S])/g, '$1')
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = []
  let current = ''
  let isQuoted = false
  for (let position = 0; position < text.length; position++) {
    const character = text[position] ?? ''
    if (character === '\\' && isQuoted) {
      current += character + (text[++position] ?? '')
    } else if (character === separator && !isQuoted) {
      parts.push(current)
      current = ''
    } else {
      if (character === '"') isQuoted = !isQuoted
      current += character
    }
  }
  return [...parts, current]
}
