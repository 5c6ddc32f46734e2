/** Publishes a version of the agreement. A published one never changes: new terms are the next version, from today on (BIL-10). */
import { noteAudit } from '#audit'
import { publicId, done, type Outcome } from '#kernel'
import { newId, type ScopedHandle } from '#platform'
import { lockLocation, todayAt } from '#spaces'
import { judgeAgreement } from './agreement.ts'
import { refuse, type LeasesProblem } from './problems.ts'
import { insertAgreementVersion, listAgreementVersions, type AgreementVersion } from './store.ts'

export async function publishAgreement(
  rows: ScopedHandle,
  wish: { readonly title: string; readonly content: string; readonly actor: string },
): Promise<Outcome<AgreementVersion, LeasesProblem>> {
  const title = wish.title.trim()
  if (title.length < 1 || title.length > 120) return refuse('agreement_title_missing', { field: '/title' })
  const judged = judgeAgreement(wish.content)
  if (!judged.ok) return judged
  const location = await lockLocation(rows)
  const versions = await listAgreementVersions(rows)
  const version: AgreementVersion = {
    id: newId(rows.clock),
    version: Math.max(0, ...versions.map((known) => known.version)) + 1,
    title,
    content: wish.content,
    effectiveOn: todayAt(location, rows.clock),
    publishedAt: rows.clock.now(),
  }
  await insertAgreementVersion(rows, { ...version, publishedBy: wish.actor })
  noteAudit(rows, {
    action: 'agreement.published',
    object: { kind: 'agreement', id: publicId('agreement', version.id) },
    after: { version: version.version, title, effectiveOn: version.effectiveOn },
  })
  return done(version)
}
