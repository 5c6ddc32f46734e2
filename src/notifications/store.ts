/** All SQL of notifications: the outbox of mails, unique by reader and fact. */
import { newId, type ScopedHandle } from '#platform'
import { sql } from 'kysely'

export type OutgoingMail = {
  readonly id: string
  readonly recipient: string
  readonly subject: string
  readonly text: string
  readonly html: string
  readonly state: string
  readonly createdAt: Date
}

/** @returns the mail's id, or undefined when this occasion has its mail already (ARC-41). */
export async function insertMail(
  rows: ScopedHandle,
  mail: { onceFor: string; recipient: string; subject: string; text: string; html: string },
): Promise<string | undefined> {
  const inserted = await rows
    .insertInto('app.mail_outbox')
    .values({
      operator_id: rows.scope.operatorId,
      mode: rows.scope.mode,
      id: newId(rows.clock),
      once_for: mail.onceFor,
      recipient: mail.recipient,
      subject: mail.subject,
      body_text: mail.text,
      body_html: mail.html,
      created_at: rows.clock.now(),
    })
    .onConflict((conflict) => conflict.constraint('mail_outbox_once').doNothing())
    .returning('id')
    .execute()
  return inserted[0]?.id
}

export async function findMail(rows: ScopedHandle, id: string): Promise<OutgoingMail | undefined> {
  const row = await rows
    .selectFrom('app.mail_outbox')
    .selectAll()
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return (
    row && {
      id: row.id,
      recipient: row.recipient,
      subject: row.subject,
      text: row.body_text,
      html: row.body_html,
      state: row.state,
      createdAt: row.created_at,
    }
  )
}

/** Whether this occasion has its mail already. */
export async function findMailOf(rows: ScopedHandle, onceFor: string): Promise<string | undefined> {
  const row = await rows
    .selectFrom('app.mail_outbox')
    .select('id')
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('once_for', '=', onceFor)
    .executeTakeFirst()
  return row?.id
}

/** What is kept of a mail that has left opens nothing: the tokens of its links are blanked (TRU-10). */
export async function markSent(rows: ScopedHandle, id: string): Promise<void> {
  const blanked = (column: 'body_text' | 'body_html') =>
    sql<string>`regexp_replace(${sql.ref(column)}, '/[A-Za-z0-9_-]{43}(?![A-Za-z0-9_-])', '/••••', 'g')`
  await rows
    .updateTable('app.mail_outbox')
    .set({
      state: 'sent',
      sent_at: rows.clock.now(),
      body_text: blanked('body_text'),
      body_html: blanked('body_html'),
    })
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where('id', '=', id)
    .execute()
}

/** A mail as a list of mails shows it. */
export type MailLine = {
  readonly id: string
  readonly recipient: string
  readonly subject: string
  readonly state: 'waiting' | 'sent' | 'failed'
  readonly createdAt: Date
  readonly sentAt: Date | null
}

/** The mails of these occasions, the newest first. @param prefixes how their occasions begin. */
export async function listMailsOf(
  rows: ScopedHandle,
  { prefixes, limit }: { readonly prefixes: readonly string[]; readonly limit: number },
): Promise<readonly MailLine[]> {
  return rows
    .selectFrom('app.mail_outbox')
    .select(['id', 'recipient', 'subject', 'state', 'created_at as createdAt', 'sent_at as sentAt'])
    .where('operator_id', '=', rows.scope.operatorId)
    .where('mode', '=', rows.scope.mode)
    .where((where) => where.or(prefixes.map((prefix) => where('once_for', 'like', `${prefix}%`))))
    .orderBy('id', 'desc')
    .limit(limit)
    .$castTo<MailLine>()
    .execute()
}
