/** Tells whoever runs the installation of one of its troubles, by one mail each; what the mail server does not take is sent in a later round. */
import { installationMail } from '#notifications'
import type { Mailer } from '#platform'
import { listAdministrators, type AdministratorGround } from './administrators.ts'
import type { InstallationGround } from './installation.ts'
import { markTold, type InstallationTrouble, type InstallationTroubleCode } from './store.ts'

export type TellGround = InstallationGround & AdministratorGround & { readonly mailer: Mailer }

/** What each trouble is called. */
export const troubleTitles: Readonly<Record<InstallationTroubleCode, string>> = {
  connect_secret: 'Webhook secret missing on a connected account event',
  endpoints: 'Webhook endpoints of the installation',
  platform_key: 'Key of the installation’s Stripe account',
}

export async function tellAdministrators(ground: TellGround, trouble: InstallationTrouble): Promise<void> {
  const { database, mailer, logs, publicUrl } = ground
  const to = await listAdministrators(ground)
  if (to.length === 0 || !(await markTold(database, trouble.id, true))) return
  const { mode, text, code, openedAt } = trouble
  const mail = installationMail({ title: troubleTitles[code], mode, text, url: `${publicUrl}/` })
  try {
    for (const [place, recipient] of to.entries())
      await mailer.send({ ...mail, to: recipient, messageId: `${trouble.id}.${place}`, at: openedAt })
  } catch (error) {
    logs.warn({ mode, code, error: String(error) }, 'a mail about the installation was not taken')
    await markTold(database, trouble.id, false)
  }
}
