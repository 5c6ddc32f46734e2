import { describe, expect, test } from 'vitest'
import { markup } from './markup.ts'

const HOSTILE = `"><script>alert('1')</script>&amp;`

describe('templates that cannot forget to escape', () => {
  test('a hostile value is text in an element and in an attribute', () => {
    const page = String(markup`<p title="${HOSTILE}">${HOSTILE}</p>`)

    const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;'
    expect(page).toBe(`<p title="${escaped}">${escaped}</p>`)
  })

  test('markup inside markup stays, lists are joined, nothing leaves nothing', () => {
    const lines = ['a', '<b>'].map((text) => markup`<li>${text}</li>`)

    expect(String(markup`<ul>${lines}${null}${undefined}${false}${0}${12n}</ul>`)).toBe(
      '<ul><li>a</li><li>&lt;b&gt;</li>012</ul>',
    )
  })

  test('only the tag itself makes markup; anything else is escaped or refused', () => {
    const forged = { toString: () => '<script>', map: undefined } as unknown as string

    expect(() => String(markup`<p>${forged}</p>`)).toThrow('not a function')
    expect(String(markup`<p>${[HOSTILE]}</p>`)).not.toContain('<script>')
  })

  test('an attribute without quotes is a programming error', () => {
    expect(() => markup`<p class=${'a onclick=b'}>`).toThrow('must stand in quotes')
  })

  test.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,x',
    'JaVaScRiPt:x',
    '//evil.example',
    '/\\evil.example',
    'vbscript:x',
  ])('the address %j does not get into a link', (address) => {
    expect(String(markup`<a href="${address}">x</a>`)).toBe('<a href="about:blank">x</a>')
  })

  test.each(['/c/pay/cs_1', 'https://example.com/?a=1&b=2', 'http://127.0.0.1:3000/', '#number', '?view=dark'])(
    'the address %j stays',
    (address) => {
      expect(String(markup`<a href="${address}">x</a>`)).toBe(`<a href="${address.replaceAll('&', '&amp;')}">x</a>`)
    },
  )
})
