import { createTransport } from 'nodemailer'
import { describe, expect, test } from 'vitest'
import { parseMail } from './mime.ts'

/** Builds a mail the way the product does and hands back its bytes. */
async function compose(mail: Record<string, unknown>): Promise<Buffer> {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
  const sent = await transport.sendMail({ from: 'The product <mail@rentroll.example>', to: 'ada@example.com', ...mail })
  return sent.message as Buffer
}

describe('mails made by nodemailer', () => {
  test('SBX-76: text and HTML parts, sender, recipients and subject are read back', async () => {
    const raw = await compose({
      to: '"Reed, Ada" <ada@example.com>, bob@example.com',
      cc: 'Carla <carla@example.com>',
      subject: 'Confirm your e-mail address',
      text: 'Hello Ada\n\nOpen http://127.0.0.1:3000/verify-email?token=a=b&x=1',
      html: '<p>Hello <b>Ada</b></p>',
    })

    const mail = parseMail(raw)

    expect(mail.from).toEqual({ name: 'The product', address: 'mail@rentroll.example' })
    expect(mail.to).toEqual([
      { name: 'Reed, Ada', address: 'ada@example.com' },
      { name: '', address: 'bob@example.com' },
    ])
    expect(mail.cc).toEqual([{ name: 'Carla', address: 'carla@example.com' }])
    expect(mail.subject).toBe('Confirm your e-mail address')
    expect(mail.text?.trimEnd()).toBe('Hello Ada\n\nOpen http://127.0.0.1:3000/verify-email?token=a=b&x=1')
    expect(mail.html?.trimEnd()).toBe('<p>Hello <b>Ada</b></p>')
    expect(mail.messageId).toMatch(/^<.+@rentroll\.example>$/)
  })

  test('SBX-76: encoded-word headers come back as people wrote them, also when cut into several words', async () => {
    const subject = 'Réservation confirmée – 東京のスペースをご利用いただきありがとうございます、領収書を添付しました ✓'
    const raw = await compose({ to: '"Zoë 田中" <zoe@example.com>', subject, text: 'x', html: '<p>x</p>' })

    const mail = parseMail(raw)

    expect(raw.toString('latin1')).toMatch(/=\?UTF-8\?/i)
    expect(mail.subject).toBe(subject)
    expect(mail.to[0]?.name).toBe('Zoë 田中')
  })

  test.each(['quoted-printable', 'base64'] as const)('SBX-76: %s bodies keep every character', async (textEncoding) => {
    const text = `Ünïcödé = 100 % ${'long '.repeat(60)}\n.\n..dots\ntrailing space \n€ 1 234,50 😀`
    const raw = await compose({ subject: 's', text, html: `<p>${text}</p>`, textEncoding })

    const mail = parseMail(raw)

    expect(mail.text?.trimEnd()).toBe(text)
    expect(mail.html?.trimEnd()).toBe(`<p>${text}</p>`)
  })

  test('SBX-76: attachments keep name, type and bytes, and are no body', async () => {
    const content = Buffer.from([0, 255, 13, 10, 45, 45, 0x25, 0x50, 0x44, 0x46])
    const raw = await compose({
      subject: 's',
      text: 'see attached',
      html: '<p>see attached</p>',
      attachments: [
        { filename: 'Rechnung für März – INV-000015.pdf', content, contentType: 'application/pdf' },
        { filename: 'note.txt', content: 'not the body', contentType: 'text/plain' },
      ],
    })

    const mail = parseMail(raw)

    expect(mail.text?.trimEnd()).toBe('see attached')
    expect(mail.attachments.map((file) => [file.filename, file.contentType])).toEqual([
      ['Rechnung für März – INV-000015.pdf', 'application/pdf'],
      ['note.txt', 'text/plain'],
    ])
    expect(Buffer.from(mail.attachments[0]!.content)).toEqual(content)
  })

  test('SBX-76: a mail with one part only has no other', async () => {
    const mail = parseMail(await compose({ subject: 's', text: 'only text' }))

    expect(mail.text?.trimEnd()).toBe('only text')
    expect(mail.html).toBeNull()
  })
})

describe('other bytes', () => {
  const raw = (text: string) => Buffer.from(text, 'latin1')

  test('line feeds alone, folded headers and a Latin-1 body are read', () => {
    const mail = parseMail(
      raw('From: a@b.example\nSubject: one\n two\nContent-Type: text/plain;\n\tcharset="iso-8859-1"\n\nCaf\xe9\n'),
    )

    expect(mail.subject).toBe('one two')
    expect(mail.text).toBe('Café\n')
  })

  test('a character cut in two by encoded words is put together again; other white space stays', () => {
    const mail = parseMail(
      raw('From: a@b.example\nSubject: to =?utf-8?Q?caf=C3?= =?utf-8?Q?=A9_au?=  lait =?utf-8?B?4pyT?=\n\nx'),
    )

    expect(mail.subject).toBe('to café au  lait ✓')
  })

  test('a part with a file name is an attachment, even shown inline and before the body', () => {
    const parts = '--b\nContent-Type: text/plain; name="a.txt"\nContent-Disposition: inline\n\nfile\n--b\n\nbody\n--b--'
    const mail = parseMail(raw(`From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n${parts}`))

    expect([mail.text, mail.attachments.map((file) => file.filename)]).toEqual(['body', ['a.txt']])
  })

  test('a charset nobody knows and base64 that is cut short still give text', () => {
    const mail = parseMail(
      raw(
        'From: a@b.example\nContent-Type: text/plain; charset=klingon\nContent-Transfer-Encoding: base64\n\naGVsbG8gdGhlcmU',
      ),
    )

    expect(mail.text).toBe('hello there')
  })

  test('parts nested without end stop at ten and become an attachment', () => {
    const nested = (depth: number): string =>
      depth === 0
        ? 'Content-Type: text/plain\n\ndeep'
        : `Content-Type: multipart/mixed; boundary=b${depth}\n\n--b${depth}\n${nested(depth - 1)}\n--b${depth}--\n`

    const mail = parseMail(raw(`From: a@b.example\n${nested(30)}`))

    expect(mail.text).toBeNull()
    expect(mail.attachments).toHaveLength(1)
  })

  test('what follows the closing boundary and what precedes the first is dropped', () => {
    const mail = parseMail(
      raw(
        'From: a@b.example\nContent-Type: multipart/alternative; boundary="x+y"\n\npreamble\n--x+y\n\nbody\n--x+y--\nepilogue',
      ),
    )

    expect(mail.text).toBe('body')
    expect(mail.attachments).toEqual([])
  })

  test.each([
    ['', 'no empty line'],
    ['{"to":"a@b.example"}', 'no empty line'],
    ['Subject: no sender\n\nbody', 'no From'],
  ])('%j is refused in words', (text, words) => {
    expect(() => parseMail(raw(text))).toThrow(words)
  })
})
