/**
 * Takes a TypeScript file apart without a compiler: `code` is the text without comments, `bare` is `code` with the
 * insides of strings and regular expressions blanked as well. Line breaks stay where they are. A quote that is not
 * closed on its line is text between tags (an apostrophe), so a string never runs past its line.
 */
export type Separated = { readonly code: string; readonly bare: string }

const beforeRegex = /(^|[(,=:[!&|?{;+\-*%~^]|\b(return|typeof|case|in|of))\s*$/

export function separate(text: string): Separated {
  let code = ''
  let bare = ''
  /** One entry per `${` we are inside of: how many braces are open within it. */
  const openBraces: number[] = []
  let at = 0
  const keep = (length: number): void => {
    code += text.slice(at, at + length)
    bare += text.slice(at, at + length)
    at += length
  }
  const blank = (length: number): void => {
    const words = text.slice(at, at + length)
    code += words
    bare += words.replace(/[^\n]/g, ' ')
    at += length
  }
  const skipTemplate = (): void => {
    const end = findTemplateEnd(text, at)
    blank(end - at)
    if (text.startsWith('${', at)) {
      openBraces.push(0)
      keep(2)
    } else keep(1)
  }
  while (at < text.length) {
    const character = text[at] ?? ''
    if (text.startsWith('//', at)) at = endOf(text, '\n', at)
    else if (text.startsWith('/*', at)) {
      const end = Math.min(text.length, endOf(text, '*/', at + 2) + 2)
      const breaks = text.slice(at, end).replace(/[^\n]/g, '')
      code += breaks
      bare += breaks
      at = end
    } else if (character === "'" || character === '"') {
      keep(1)
      blank(lengthUntil(text, at, character))
      if (text[at] === character) keep(1)
    } else if (character === '`') {
      keep(1)
      skipTemplate()
    } else if (character === '/' && beforeRegex.test(bare.slice(-40))) {
      keep(1)
      blank(lengthOfRegex(text, at))
      if (text[at] === '/') keep(1)
    } else {
      const last = openBraces.length - 1
      if (character === '{' && last >= 0) openBraces[last] = (openBraces[last] ?? 0) + 1
      const closesTemplate = character === '}' && openBraces[last] === 0
      if (character === '}' && last >= 0) openBraces[last] = (openBraces[last] ?? 0) - 1
      keep(1)
      if (closesTemplate) {
        openBraces.pop()
        skipTemplate()
      }
    }
  }
  return { code, bare }
}

function endOf(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from)
  return found === -1 ? text.length : found
}

function lengthUntil(text: string, from: number, quote: string): number {
  let at = from
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
  return at - from
}

/** The inside of a template ends at its backtick or at the next `${`. */
function findTemplateEnd(text: string, from: number): number {
  let at = from
  while (at < text.length && text[at] !== '`' && !text.startsWith('${', at)) at += text[at] === '\\' ? 2 : 1
  return at
}

function lengthOfRegex(text: string, from: number): number {
  let at = from
  let isInClass = false
  while (at < text.length && text[at] !== '\n' && (isInClass || text[at] !== '/')) {
    if (text[at] === '[') isInClass = true
    if (text[at] === ']') isInClass = false
    at += text[at] === '\\' ? 2 : 1
  }
  return at - from
}
