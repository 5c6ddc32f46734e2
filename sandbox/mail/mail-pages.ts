/** The outbox as a person reads it: the list, and one mail with its checks, links, parts and headers. */
import type { SandboxReply } from '../http.ts'
import { countText, instant } from '../pages/format.ts'
import { markup } from '../pages/markup.ts'
import type { Markup } from '../pages/markup.ts'
import { messageReply, pageReply } from '../pages/page.ts'
import { dataTable } from '../pages/parts.ts'
import type { Mailbox, MailFilter } from './mailbox.ts'
import type { Message } from './message.ts'
import type { Address } from './mime-headers.ts'

export type ColourScheme = 'light' | 'dark'

interface ListPage {
  mailbox: Mailbox
  messages: readonly Message[]
  filter: MailFilter
  since: string
  activeFaults: number
}

export function listPage({ mailbox, messages, filter, since, activeFaults }: ListPage): SandboxReply {
  const body = markup`<div class="stack">
    <div class="row between">
      <h1>Mail</h1>
      ${mailbox.count() > 0 && clearForm(mailbox.count())}
    </div>
    <p class="muted" data-testid="sandbox-mail-count">${countLine(mailbox)}</p>
    ${lossNotice(mailbox.lostCount)}
    ${mailbox.count() > 0 && filterForm(filter, since)}
    ${messages.length > 0 ? messageTable(messages) : emptyText(mailbox)}
  </div>`
  return pageReply({ title: 'Mail', tab: 'mail', body, activeFaults })
}

function countLine(mailbox: Mailbox): string {
  return `${countText(mailbox.count(), ['mail', 'mails'])}, ${mailbox.unreadCount()} unread. Nothing here was sent to anybody.`
}

function lossNotice(count: number): Markup | false {
  return (
    count > 0 &&
    markup`<div class="notice bad"><h2>Some mails were lost</h2>
      <p>The file of the outbox was damaged when the sandbox started. ${countText(count, ['record', 'records'])} could not be read back.</p></div>`
  )
}

function clearForm(count: number): Markup {
  return markup`<form method="post" action="/_sandbox/mail/clear" data-once>
    <button class="danger" data-testid="sandbox-mail-clear">Clear ${countText(count, ['mail', 'mails'])}</button>
  </form>`
}

function filterForm(filter: MailFilter, since: string): Markup {
  const isFiltered = Boolean(filter.to || filter.subject || since)
  return markup`<form class="filters" method="get" action="/_sandbox/mail" role="search" aria-label="Filter mails">
    <div class="field"><label for="to">To</label><input id="to" name="to" value="${filter.to}" data-testid="sandbox-mail-to"></div>
    <div class="field"><label for="subject">Subject</label><input id="subject" name="subject" value="${filter.subject}" data-testid="sandbox-mail-subject"></div>
    ${since !== '' && markup`<input type="hidden" name="since" value="${since}">`}
    <button>Filter</button>
    ${isFiltered && markup`<a href="/_sandbox/mail">Clear filters</a>`}
  </form>`
}

function emptyText(mailbox: Mailbox): Markup {
  return mailbox.count() > 0
    ? markup`<p>No mails match these filters. <a href="/_sandbox/mail">Clear filters</a></p>`
    : markup`<p data-testid="sandbox-mail-empty">The outbox is empty. Mails that the product sends, such as the link that confirms an e-mail address, appear here.</p>`
}

function messageTable(messages: readonly Message[]): Markup {
  return dataTable({
    caption: 'Newest first',
    columns: [{ label: 'Received', kind: 'nowrap' }, { label: 'To' }, { label: 'Subject' }, { label: 'Checks' }],
    rows: messages.map((message) => ({
      testId: `sandbox-mail-row-${message.id}`,
      cells: [
        instant(new Date(message.receivedAt)),
        addressList(message.to),
        markup`<a class="${!message.read && 'unread'}" href="/_sandbox/mail/${message.id}">${message.subject || '(no subject)'}</a>
          ${!message.read && markup` <span class="badge blue">Unread</span>`}`,
        checkSummary(message),
      ],
    })),
  })
}

function checkSummary({ checks }: Message): Markup {
  const failed = checks.filter((check) => !check.passed).length
  return failed === 0
    ? markup`<span class="badge green">✓ Passed</span>`
    : markup`<span class="badge red">✕ ${failed} failed</span>`
}

function addressList(addresses: readonly Address[]): string {
  return addresses.map(({ name, address }) => (name === '' ? address : `${name} <${address}>`)).join(', ')
}

export function messagePage({
  message,
  scheme,
  activeFaults,
}: {
  message: Message
  scheme: ColourScheme
  activeFaults: number
}): SandboxReply {
  const subject = message.subject || '(no subject)'
  const body = markup`<article class="stack wide-gap" data-testid="sandbox-mail">
    <div class="stack">
      <p><a href="/_sandbox/mail">All mails</a></p>
      <h1 data-testid="sandbox-mail-title">${subject}</h1>
      ${facts(message)}
    </div>
    ${linkList(message)}
    ${checkList(message)}
    ${message.html !== null && htmlPart(message, scheme)}
    ${message.text !== null && markup`<section class="stack tight"><h2>Text</h2><pre data-testid="sandbox-mail-text">${message.text}</pre></section>`}
    ${attachmentList(message)}
    ${headerList(message)}
  </article>`
  return pageReply({ title: subject, tab: 'mail', body, activeFaults })
}

function facts(message: Message): Markup {
  const row = (label: string, value: string) => value !== '' && markup`<dt>${label}</dt><dd>${value}</dd>`
  return markup`<dl class="facts">
    ${row('From', message.from === null ? '' : addressList([message.from]))}
    ${row('To', addressList(message.to))}
    ${row('Copy', addressList(message.cc))}
    ${row('Blind copy', addressList(message.bcc))}
    <dt>Received</dt><dd>${instant(new Date(message.receivedAt))}</dd>
    <dt>Size</dt><dd>${sizeText(message.sizeBytes)} · <a href="/_sandbox/mail/${message.id}/source">Download as sent</a></dd>
  </dl>`
}

function linkList(message: Message): Markup | false {
  const entries = message.links.map(
    (link) => markup`<li><a href="${link}" data-testid="sandbox-mail-link">${link}</a></li>`,
  )
  return (
    entries.length > 0 &&
    markup`<section class="stack tight"><h2>Links</h2><ul class="stack tight">${entries}</ul></section>`
  )
}

function checkList(message: Message): Markup {
  const entries = message.checks.map(
    (check) => markup`<li data-testid="sandbox-mail-check-${check.code}">
      <span class="badge ${check.passed ? 'green' : 'red'}">${check.passed ? '✓ Passed' : '✕ Failed'}</span>
      ${check.title}${check.finding !== '' && markup`: ${check.finding}`}
    </li>`,
  )
  return markup`<section class="stack tight"><h2>Checks</h2><ul class="stack tight">${entries}</ul></section>`
}

/** What the frame of a mail may do; its policy in mail-routes.ts takes scripts and network away again. */
export const FRAME_FLAGS = 'allow-scripts allow-popups allow-popups-to-escape-sandbox'

function htmlPart(message: Message, scheme: ColourScheme): Markup {
  const other = scheme === 'light' ? 'dark' : 'light'
  return markup`<section class="stack tight">
    <div class="row between"><h2>HTML</h2><a href="/_sandbox/mail/${message.id}?view=${other}" data-testid="sandbox-mail-view-${other}">Show in ${other} colours</a></div>
    <iframe class="frame ${scheme}" title="HTML part of the mail" sandbox="${FRAME_FLAGS}"
      src="/_sandbox/mail/${message.id}/html?view=${scheme}" data-testid="sandbox-mail-frame"></iframe>
  </section>`
}

function attachmentList(message: Message): Markup | false {
  const entries = message.attachments.map(
    (file, position) => markup`<li><a href="/_sandbox/mail/${message.id}/attachments/${position}">${file.filename}</a>
      <span class="muted">${file.contentType}, ${sizeText(file.sizeBytes)}</span></li>`,
  )
  return entries.length > 0 && markup`<section class="stack tight"><h2>Attachments</h2><ul>${entries}</ul></section>`
}

function headerList(message: Message): Markup {
  const rows = message.headers.map(({ name, value }) => markup`<dt>${name}</dt><dd class="mono">${value}</dd>`)
  return markup`<details><summary>Headers</summary><dl class="facts" data-testid="sandbox-mail-headers">${rows}</dl></details>`
}

function sizeText(bytes: number): string {
  return bytes < 1024 ? `${bytes} bytes` : `${(bytes / 1024).toFixed(1)} kB`
}

export function unknownMailPage(activeFaults: number): SandboxReply {
  return messageReply({
    title: 'There is no such mail',
    text: 'It was cleared, or the outbox is newer than the link.',
    testId: 'sandbox-mail-unknown',
    status: 404,
    tab: 'mail',
    next: markup`<p><a href="/_sandbox/mail">All mails</a></p>`,
    activeFaults,
  })
}
