import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMailbox } from './mailbox.ts'

const START = Date.parse('2026-11-21T14:00:00Z')

function mail({
  id,
  to = 'ada@example.com',
  subject = 'Hello',
  html = '<p>Hi</p>',
  text = 'Hi',
}: Record<string, string>) {
  const lines = [
    'From: The product <mail@rentroll.example>',
    `To: ${to}`,
    `Subject: ${subject}`,
    ...(id === undefined ? [] : [`Message-ID: <${id}@rentroll.example>`]),
    'Content-Type: multipart/alternative; boundary=b',
    '',
    ...(text === '' ? [] : ['--b', 'Content-Type: text/plain', '', text]),
    ...(html === '' ? [] : ['--b', 'Content-Type: text/html', '', html]),
    '--b--',
  ]
  return Buffer.from(lines.join('\r\n'))
}

describe('the outbox', () => {
  test('SBX-78: the same Message-ID twice is kept once and answers with the first id', () => {
    const mailbox = createMailbox({ now: () => new Date(START) })

    const first = mailbox.receive(mail({ id: 'fact-1' }))
    const second = mailbox.receive(mail({ id: 'fact-1', subject: 'Hello again' }))

    expect(second).toEqual({ id: first.id, isNew: false })
    expect(mailbox.list().map((message) => message.subject)).toEqual(['Hello'])
  })

  test('SBX-76: mails without a Message-ID are never taken for one another', () => {
    const mailbox = createMailbox({ now: () => new Date(START) })

    mailbox.receive(mail({}))
    mailbox.receive(mail({}))

    expect(mailbox.count()).toBe(2)
  })

  test('SBX-76: to, subject and since filter; newest first; time is the sandbox clock', () => {
    let at = START
    const mailbox = createMailbox({ now: () => new Date(at) })
    for (const [to, subject] of [
      ['ada@example.com', 'Receipt'],
      ['"Ada Reed" <ADA@example.com>', 'Confirm'],
      ['bada@example.com', 'Receipt'],
    ] as const) {
      mailbox.receive(mail({ to, subject }))
      at += 60_000
    }

    const found = (filter: Parameters<typeof mailbox.list>[0]) => mailbox.list(filter).map(({ id }) => id)

    expect(mailbox.list()[0]?.receivedAt).toBe('2026-11-21T14:02:00.000Z')
    expect(found({ to: 'ada@example.com' })).toEqual(['mail_000002', 'mail_000001'])
    expect(found({ to: 'ada' })).toEqual(['mail_000003', 'mail_000002', 'mail_000001'])
    expect(found({ to: 'reed' })).toEqual(['mail_000002'])
    expect(found({ subject: 'rece' })).toEqual(['mail_000003', 'mail_000001'])
    expect(found({ sinceMs: START + 60_000 })).toEqual(['mail_000003', 'mail_000002'])
    expect(found({ limit: 1 })).toEqual(['mail_000003'])
  })

  test('SBX-76: only the newest 5,000 are kept', () => {
    const mailbox = createMailbox({ now: () => new Date(START) })

    for (let count = 0; count < 5_003; count++) mailbox.receive(mail({}))

    expect(mailbox.count()).toBe(5_000)
    expect(mailbox.list().at(-1)?.id).toBe('mail_000004')
  })
})

describe('the outbox on disk', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'outbox-'))))
  afterEach(() => rmSync(folder, { recursive: true }))
  const open = () => createMailbox({ now: () => new Date(START), folder })

  test('SBX-4: mails, what was read and what was removed survive a restart; numbers go on', () => {
    const before = open()
    for (const id of ['a', 'b', 'c']) before.receive(mail({ id }))
    before.markRead('mail_000001')
    before.remove('mail_000003')

    const after = open()

    expect(after.list().map(({ id, read }) => [id, read])).toEqual([
      ['mail_000002', false],
      ['mail_000001', true],
    ])
    expect(after.unreadCount()).toBe(1)
    expect(after.receive(mail({ id: 'd' })).id).toBe('mail_000004')
    expect(after.receive(mail({ id: 'a' })).isNew).toBe(false)
  })

  test('SBX-76: Clear empties the file too, and a number is not used twice', () => {
    const before = open()
    before.receive(mail({ id: 'a', subject: 'to be forgotten' }))
    expect(before.clear()).toBe(1)

    const after = open()

    expect(after.count()).toBe(0)
    expect(readFileSync(join(folder, 'mail.jsonl'), 'utf8').split('\n')).toHaveLength(2)
    expect(after.receive(mail({ id: 'b' })).id).toBe('mail_000002')
  })

  test('SBX-48: a last line cut short by a power cut is dropped, told, and not in the way of the next mail', () => {
    open().receive(mail({ id: 'a' }))
    appendFileSync(join(folder, 'mail.jsonl'), '{"kind":"stored","id":"mail_0000')

    const damaged = open()
    damaged.receive(mail({ id: 'b' }))
    const after = open()

    expect(damaged.lostCount).toBe(1)
    expect(after.lostCount).toBe(0)
    expect(after.list().map(({ id }) => id)).toEqual(['mail_000002', 'mail_000001'])
  })
})

describe('checks', () => {
  const judge = (parts: Record<string, string>) => {
    const mailbox = createMailbox({ now: () => new Date(START) })
    const { id } = mailbox.receive(mail(parts))
    return mailbox
      .find(id)!
      .checks.filter((check) => !check.passed)
      .map((check) => `${check.code}: ${check.finding}`)
  }

  test.each<[string, Record<string, string>, string[]]>([
    ['a good mail', { html: '<p>Hi <a href="https://example.com/x">there</a></p>' }, []],
    ['text only', { html: '' }, ['both_parts: The mail has no HTML part.']],
    ['HTML only', { text: '' }, ['both_parts: The mail has no text part.']],
    [
      'a picture',
      { html: '<img alt="" src="https://x.example/p.gif">' },
      ['no_remote_content: An image or film is loaded from outside the mail.'],
    ],
    ['a picture inside', { html: '<img alt="" src="data:image/gif;base64,R0lG">' }, []],
    [
      'a style picture',
      { html: '<p style="background:url(//x.example/p)">x</p>' },
      ['no_remote_content: A style is loaded from outside the mail.'],
    ],
    ['a script', { html: '<script>1</script>' }, ['no_remote_content: A script is loaded from outside the mail.']],
    ['a key', { text: 'sk_test_sandboxAbcdef0123456789' }, ['no_secret: The mail holds a secret key.']],
    ['an encoded key', { html: 'rk&#95;live_0123456789' }, ['no_secret: The mail holds a restricted key.']],
    ['a webhook secret', { subject: 'whsec_0123456789' }, ['no_secret: The mail holds a webhook secret.']],
    ['a client secret', { text: 'pi_1_secret_2' }, ['no_secret: The mail holds a client secret.']],
    [
      'an onboarding form',
      { html: '<a href="https://connect.stripe.com/setup/e/acct_1/x">go</a>' },
      ['no_account_link: The mail holds the address of a Stripe onboarding form.'],
    ],
  ])('SBX-77: %s', (_, parts, findings) => {
    expect(judge(parts)).toEqual(findings)
  })

  test('SBX-76: links of both parts, each once, without the full stop behind them', () => {
    const mailbox = createMailbox({ now: () => new Date(START) })
    const html =
      '<a href="https://a.example/?x=1&amp;y=2">a</a> <a href="javascript:alert(1)">b</a> <a href=\'mailto:c@d.example\'>c</a>'
    const { id } = mailbox.receive(mail({ html, text: 'See https://a.example/?x=1&y=2. Or (https://b.example/x).' }))

    expect(mailbox.find(id)?.links).toEqual(['https://a.example/?x=1&y=2', 'mailto:c@d.example', 'https://b.example/x'])
  })
})
