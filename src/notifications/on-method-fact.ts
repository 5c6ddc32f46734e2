/**
 * Asks a renter for a new payment method by mail, because the company takes payments through another Stripe account now (STR-25). A renter
 * who has added one meanwhile is not asked.
 */
import { getCompany } from '#operators'
import { getFact, type FactName, type ScopedHandle } from '#platform'
import { billingName, getRenter, readPaymentReadiness } from '#renters'
import { mintMethodLink } from './method-link.ts'
import { insertMail } from './store.ts'
import { mailWords, renderMail } from './words.ts'

export const methodFacts = ['method.wanted'] as const satisfies readonly FactName[]

export async function onMethodFact(rows: ScopedHandle, factId: string, publicUrl: string): Promise<void> {
  const fact = await getFact(rows, factId)
  const renter = await getRenter(rows, fact.ids['renter']!)
  if (renter.email === '' || (await readPaymentReadiness(rows, renter.id)) === 'ready') return
  const company = await getCompany(rows)
  const url = `${publicUrl}${await mintMethodLink(rows, renter.id)}`
  const words = mailWords.methodWanted({ operator: company.name, renter: billingName(renter), url })
  const id = await insertMail(rows, {
    onceFor: `${fact.id}:${renter.email}`,
    recipient: renter.email,
    subject: words.subject,
    ...renderMail(words, company.name),
  })
  if (id) await rows.enqueue({ name: 'notifications.send-mail', id })
}
