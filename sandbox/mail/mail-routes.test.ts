import { describe, expect, test } from 'vitest'
import type { SandboxReply, SandboxRequest } from '../http.ts'
import { createMailbox, mailRoutes } from './index.ts'

const HOSTILE = '"><script>alert(1)</script>'

function open() {
  const mailbox = createMailbox({ now: () => new Date('2026-11-21T14:00:00Z') })
  const routes = mailRoutes(mailbox)
  const call = async (
    method: SandboxRequest['method'],
    path: string,
    { headers = {}, body = '' }: { headers?: Record<string, string>; body?: string } = {},
  ): Promise<SandboxReply> => {
    const url = new URL(path, 'http://127.0.0.1:1')
    const segments = url.pathname.split('/')
    for (const route of routes) {
      const wanted = route.pattern.split('/')
      const isMatch =
        wanted.length === segments.length && wanted.every((part, at) => part.startsWith(':') || part === segments[at])
      if (!isMatch || route.method !== method) continue
      const params = Object.fromEntries(
        wanted.flatMap((part, at) => (part.startsWith(':') ? [[part.slice(1), segments[at] ?? '']] : [])),
      )
      return await route.handle({ method, url, headers, body: Buffer.from(body), ip: '127.0.0.1' }, params)
    }
    throw new Error(`no route for ${method} ${path}`)
  }
  const json = async (path: string) => {
    const reply = await call('GET', path, { headers: { accept: 'application/json' } })
    return { status: reply.status, value: JSON.parse(String(reply.body)) }
  }
  const send = (body: string) => call('POST', '/_sandbox/mail', { headers: { 'content-type': 'message/rfc822' }, body })
  return { mailbox, call, json, send }
}

function mail(subject: string, html = '<p>Hi</p>'): string {
  return `From: The product <mail@rentroll.example>\r\nTo: "${HOSTILE.replaceAll('"', '\\"')}" <ada@example.com>\r\nSubject: ${subject}\r\nContent-Type: text/html\r\n\r\n${html}`
}

describe('POST /_sandbox/mail', () => {
  test('SBX-75: a finished mail is answered 201 with its id and can be read back as JSON', async () => {
    const { send, json } = open()

    const reply = await send(mail('Receipt'))

    expect([reply.status, JSON.parse(String(reply.body))]).toEqual([201, { id: 'mail_000001', duplicate: false }])
    const { value } = await json('/_sandbox/mail/mail_000001')
    expect(value).toMatchObject({ object: 'mail', subject: 'Receipt', html: '<p>Hi</p>', text: null, read: false })
    expect((await json('/_sandbox/mail?to=ada@example.com&subject=rec')).value).toMatchObject({ total: 1, unread: 1 })
  })

  test('SBX-75: what is no mail is refused in words and nothing is kept', async () => {
    const { mailbox, send, call } = open()

    expect((await send('hello')).status).toBe(400)
    expect(
      (await call('POST', '/_sandbox/mail', { headers: { 'content-type': 'application/json' }, body: '{}' })).status,
    ).toBe(415)
    expect(mailbox.count()).toBe(0)
  })
})

describe('GET /_sandbox/mail', () => {
  test('SBX-76: since that is no instant is refused', async () => {
    const { json } = open()

    expect((await json('/_sandbox/mail?since=yesterday')).status).toBe(400)
  })

  test('a hostile subject and name show as text, on the list and on the mail', async () => {
    const { send, call } = open()
    await send(mail(HOSTILE))

    for (const path of [
      '/_sandbox/mail',
      '/_sandbox/mail/mail_000001',
      `/_sandbox/mail?subject=${encodeURIComponent(HOSTILE)}`,
    ]) {
      const page = String((await call('GET', path)).body)
      expect(page).not.toContain('<script>alert')
      expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    }
  })

  test('SBX-3: every page carries the banner and a policy that allows scripts from itself only', async () => {
    const { send, call } = open()
    await send(mail('Receipt'))

    for (const path of ['/_sandbox/mail', '/_sandbox/mail/mail_000001', '/_sandbox/mail/mail_999999']) {
      const { headers, body } = await call('GET', path)
      expect(String(body)).toContain('Sandbox – no real money')
      expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self';")
    }
  })

  test('SBX-76: reading a mail on its page takes it off the unread count; reading it as JSON does not', async () => {
    const { mailbox, send, json, call } = open()
    await send(mail('Receipt'))

    await json('/_sandbox/mail/mail_000001')
    expect(mailbox.unreadCount()).toBe(1)
    await call('GET', '/_sandbox/mail/mail_000001')
    expect(mailbox.unreadCount()).toBe(0)
  })

  test('SBX-76: the HTML part has an address whose policy allows neither scripts nor network', async () => {
    const { send, call } = open()
    await send(mail('Receipt', '<html><head><title>x</title></head><p>Hi</p></html>'))

    const { headers, body } = await call('GET', '/_sandbox/mail/mail_000001/html')

    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'unsafe-inline'; img-src data:;.*sandbox allow-scripts allow-popups/,
    )
    expect(headers['content-security-policy']).not.toMatch(
      /script-src|allow-same-origin|allow-top-navigation|allow-forms/,
    )
    expect(String(body)).toMatch(/<head><base target="_blank"><style>.*light !important.*<\/style><title>x</)
  })

  test('SBX-77: the HTML part can be seen in light and in dark colours, whatever the browser prefers', async () => {
    const { send, call } = open()
    await send(mail('Receipt', '<style>@media (prefers-color-scheme: dark) { body { color: white } }</style><p>Hi</p>'))

    const seen = async (view: string) =>
      String((await call('GET', `/_sandbox/mail/mail_000001/html?view=${view}`)).body)

    expect(await seen('dark')).toContain('@media (min-width: 0) { body')
    expect(await seen('light')).toContain('@media (max-width: 0) { body')
  })

  test('attachments are saved, never shown', async () => {
    const { send, call } = open()
    const part =
      'Content-Type: text/html; name="a\'b.html"\r\nContent-Disposition: attachment; filename="a\'b.html"\r\n\r\n<script>1</script>'
    await send(`From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n${part}\r\n--b--`)

    const { headers, body } = await call('GET', '/_sandbox/mail/mail_000001/attachments/0')

    expect(String(body)).toBe('<script>1</script>')
    expect(headers).toMatchObject({
      'content-disposition': "attachment; filename*=UTF-8''a_b.html",
      'content-security-policy': "default-src 'none'; sandbox",
    })
  })
})

describe('forgetting', () => {
  test('SBX-76: DELETE one, DELETE all, and the Clear button', async () => {
    const { mailbox, send, call } = open()
    for (const subject of ['a', 'b', 'c']) await send(mail(subject))

    expect((await call('DELETE', '/_sandbox/mail/mail_000001')).status).toBe(200)
    expect((await call('DELETE', '/_sandbox/mail/mail_000001')).status).toBe(404)
    expect(mailbox.count()).toBe(2)
    expect(JSON.parse(String((await call('DELETE', '/_sandbox/mail')).body))).toEqual({ removed: 2 })
    await send(mail('d'))
    const cleared = await call('POST', '/_sandbox/mail/clear', { headers: { 'sec-fetch-site': 'same-origin' } })
    expect([cleared.status, cleared.headers.location, mailbox.count()]).toEqual([303, '/_sandbox/mail', 0])
  })

  test('a page of another site cannot press Clear', async () => {
    const { mailbox, send, call } = open()
    await send(mail('a'))

    expect((await call('POST', '/_sandbox/mail/clear', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(
      403,
    )
    expect(mailbox.count()).toBe(1)
  })
})
