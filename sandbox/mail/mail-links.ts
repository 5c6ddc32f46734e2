/** The addresses a reader could follow, found in the HTML first and then in the plain text, each once. */

/** Lists http(s) and mailto addresses in the order they stand in the mail. */
export function listLinks({ text, html }: { text: string | null; html: string | null }): string[] {
  const hrefs = [...(html ?? '').matchAll(/<a\b[^>]*?\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')/gi)]
  const fromHtml = hrefs.map((match) => decodeEntities(match[1] ?? match[2] ?? '').trim())
  const fromText = [...(text ?? '').matchAll(/https?:\/\/[^\s<>"']+/g)].map((match) => trimSentence(match[0]))
  return [...new Set([...fromHtml, ...fromText])].filter((link) => /^(?:https?:\/\/|mailto:)/i.test(link))
}

/** A full stop after an address ends the sentence, not the address; so does a bracket that was opened before it. */
function trimSentence(address: string): string {
  const trimmed = address.replace(/[.,;:!?]+$/, '')
  return trimmed.endsWith(')') && !trimmed.includes('(') ? trimmed.slice(0, -1) : trimmed
}

/** The named characters that occur in addresses, and every numbered one. */
export function decodeEntities(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|amp|lt|gt|quot|apos);/gi, (whole, entity: string) => {
    if (!entity.startsWith('#')) return NAMED[entity.toLowerCase()] ?? whole
    const code = Number(entity.slice(1).replace(/^x/i, '0x'))
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}

const NAMED: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
