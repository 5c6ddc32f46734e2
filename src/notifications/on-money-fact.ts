/**
 * Tells people what happened to money, from facts (ARC-41). The reader re-reads everything; a fact that is no longer true when it is
 * read, such as an action the renter has taken meanwhile, is told nobody.
 */
import { formatMoney, publicId } from '#kernel'
import { getInvoice } from '#billing'
import { getCompany, type Company } from '#operators'
import { findPayment, type Payment } from '#payments'
import { getFact, type Fact, type FactName, type ScopedHandle } from '#platform'
import { listRefundsOfPayments } from '#refunds'
import { billingName, getRenter, type Renter } from '#renters'
import { judgeDecline } from '#stripe'
import { mintPayLink } from './pay-link.ts'
import { insertMail } from './store.ts'
import { mailWords, renderMail, type Words } from './words.ts'

export const moneyFacts = [
  'payment.action_required',
  'payment.failed',
  'payment.settled',
  'payment.recorded',
  'refund.succeeded',
  'refund.failed',
] as const satisfies readonly FactName[]

type Story = {
  readonly fact: Fact
  readonly company: Company
  readonly renter: Renter
  readonly payment: Payment
  readonly invoiceNumber: string
  readonly publicUrl: string
}
type Letter = { readonly to: string; readonly words: Words }

export async function onMoneyFact(rows: ScopedHandle, factId: string, publicUrl: string): Promise<void> {
  const fact = await getFact(rows, factId)
  const payment = fact.ids['payment'] ? await findPayment(rows, fact.ids['payment']) : undefined
  if (!payment?.invoiceId) return
  const [company, renter, invoice] = [
    await getCompany(rows),
    await getRenter(rows, payment.renterId),
    await getInvoice(rows, payment.invoiceId),
  ]
  const story: Story = { fact, company, renter, payment, invoiceNumber: invoice.number ?? '', publicUrl }
  for (const letter of await lettersFor(rows, story)) {
    if (letter.to === '') continue
    const id = await insertMail(rows, {
      onceFor: `${fact.id}:${letter.to}`,
      recipient: letter.to,
      subject: letter.words.subject,
      ...renderMail(letter.words, company.name),
    })
    if (id) await rows.enqueue({ name: 'notifications.send-mail', id })
  }
}

async function lettersFor(rows: ScopedHandle, story: Story): Promise<readonly Letter[]> {
  const { fact, payment, renter, company } = story
  const about = aboutOf(story, payment.amountMinor)
  const console = `${story.publicUrl}/w/${company.slug}/billing/invoices/${publicId('invoice', payment.invoiceId!)}?mode=${rows.scope.mode}`
  const payPage = async () => `${story.publicUrl}${await mintPayLink(rows, payment.invoiceId!)}`
  switch (fact.name as (typeof moneyFacts)[number]) {
    case 'payment.action_required':
      return payment.state === 'requires_action'
        ? [{ to: renter.email, words: mailWords.actionRequired({ ...about, url: await payPage() }) }]
        : []
    case 'payment.failed': {
      const decline = judgeDecline({
        code: payment.failureCode,
        declineCode: payment.declineCode,
        adviceCode: payment.adviceCode,
      })
      return [
        {
          to: renter.email,
          words: mailWords.failedToRenter({ ...about, reason: decline.renterSentence, url: await payPage() }),
        },
        {
          to: company.contactEmail,
          words: mailWords.failedToOperator({ ...about, reason: decline.staffSentence, url: console }),
        },
      ]
    }
    case 'payment.settled':
    case 'payment.recorded':
      return [{ to: renter.email, words: mailWords.receipt({ ...about, method: payment.methodLabel }) }]
    case 'refund.succeeded':
    case 'refund.failed': {
      const refund = (await listRefundsOfPayments(rows, [payment.id])).find(({ id }) => id === fact.ids['refund'])
      if (!refund) return []
      const back = aboutOf(story, refund.amountMinor)
      return fact.name === 'refund.succeeded'
        ? [{ to: renter.email, words: mailWords.refunded(back) }]
        : [{ to: company.contactEmail, words: mailWords.refundFailed({ ...back, url: console }) }]
    }
  }
}

function aboutOf({ company, renter, invoiceNumber, payment }: Story, amountMinor: bigint) {
  return {
    operator: company.name,
    renter: billingName(renter),
    invoice: invoiceNumber,
    amount: formatMoney({ amountMinor, currency: payment.currency }),
  }
}
