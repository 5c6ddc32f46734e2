/**
 * The texts of mails, one function per occasion (UI-63). Each says what happened, why, and what to do next; text and HTML say the same,
 * and nothing in them is loaded from elsewhere (SBX-77). Pure.
 */
export type Words = {
  readonly subject: string
  readonly paragraphs: readonly string[]
  readonly button?: { readonly label: string; readonly url: string }
}

type About = { readonly operator: string; readonly renter: string; readonly invoice: string; readonly amount: string }

export const mailWords = {
  actionRequired: (about: About & { url: string }): Words => ({
    subject: `Confirm your payment of ${about.amount} to ${about.operator}`,
    paragraphs: [
      `Hello ${about.renter},`,
      `your bank wants you to confirm the payment of ${about.amount} for invoice ${about.invoice}. Nothing has been charged yet.`,
      'Open the page below and follow the steps of your bank.',
    ],
    button: { label: 'Confirm the payment', url: about.url },
  }),
  failedToRenter: (about: About & { reason: string; url: string }): Words => ({
    subject: `Your payment of ${about.amount} to ${about.operator} did not go through`,
    paragraphs: [
      `Hello ${about.renter},`,
      `the payment of ${about.amount} for invoice ${about.invoice} did not go through. ${about.reason}`,
      'Nothing was charged. The page below shows what is owed.',
    ],
    button: { label: 'See the invoice', url: about.url },
  }),
  failedToOperator: (about: About & { reason: string; url: string }): Words => ({
    subject: `Payment failed: ${about.renter}, ${about.invoice}, ${about.amount}`,
    paragraphs: [
      `The payment of ${about.amount} by ${about.renter} for invoice ${about.invoice} failed. ${about.reason}`,
      'The invoice stays open. Ask for another card, or charge again when the reason is gone.',
    ],
    button: { label: 'Open the invoice', url: about.url },
  }),
  receipt: (about: About & { method: string }): Words => ({
    subject: `Receipt: ${about.amount} paid to ${about.operator}`,
    paragraphs: [
      `Hello ${about.renter},`,
      `we received ${about.amount} for invoice ${about.invoice} (${about.method}). Thank you.`,
    ],
  }),
  refunded: (about: About): Words => ({
    subject: `Refund of ${about.amount} from ${about.operator}`,
    paragraphs: [
      `Hello ${about.renter},`,
      `we sent ${about.amount} for invoice ${about.invoice} back to the card you paid with. It takes 5 to 10 business days until it shows on the statement.`,
    ],
  }),
  methodWanted: (about: { operator: string; renter: string; url: string }): Words => ({
    subject: `${about.operator} asks for a payment method`,
    paragraphs: [
      `Hello ${about.renter},`,
      `${about.operator} now takes payments through another account. The card or bank account you saved before stayed with the old one and cannot be charged any more.`,
      'The page below leads to Stripe, where you add one. Nothing is charged there. The link works for 30 days.',
    ],
    button: { label: 'Add a payment method', url: about.url },
  }),
  resumeOnboarding: (about: { operator: string; url: string }): Words => ({
    subject: `Finish connecting Stripe for ${about.operator}`,
    paragraphs: [
      `Stripe still needs details before ${about.operator} can take payments. What you entered before is kept.`,
      'The link below works for seven days, as often as you need it. You will be asked to sign in.',
    ],
    button: { label: 'Resume onboarding', url: about.url },
  }),
  refundFailed: (about: About & { url: string }): Words => ({
    subject: `Refund failed: ${about.renter}, ${about.invoice}, ${about.amount}`,
    paragraphs: [
      `The refund of ${about.amount} to ${about.renter} for invoice ${about.invoice} did not arrive. The money is owed again.`,
      'Open the invoice to see the reason, and refund again or pay it out another way.',
    ],
    button: { label: 'Open the invoice', url: about.url },
  }),
  payoutFailed: (about: {
    mode: string
    amount: string
    bank: string
    wasPaid: boolean
    cause: string
    nextStep: string
    next: string
    url: string
  }): Words => ({
    subject: `Scheduled payout failed: ${about.amount} (Stripe, ${about.mode} mode)`,
    paragraphs: [
      `The payout of ${about.amount} to ${about.bank} failed${about.wasPaid ? ' after it had been paid' : ''}. ${about.cause}`,
      about.nextStep,
      about.next,
    ],
    button: { label: 'Open the payout', url: about.url },
  }),
  webhookInTrouble: (about: { mode: string; label: string; detail: string; url: string }): Words => ({
    subject: `Stripe webhook (${about.mode} mode): ${about.label}`,
    paragraphs: [
      `The webhook between Stripe and Rentroll needs you. ${about.detail}`,
      'No money is lost: payments still settle by polling, up to 15 minutes late.',
    ],
    button: { label: 'Open the webhook settings', url: about.url },
  }),
  troubleFound: (about: { mode: string; title: string; text: string; url: string }): Words => ({
    subject: `${about.title} (Stripe, ${about.mode} mode)`,
    paragraphs: [about.text, 'The page below shows what was found and the button that cures it.'],
    button: { label: 'Open Diagnosis', url: about.url },
  }),
}

/** To whoever runs the installation: about what serves every operator. */
export function installationMail(about: { title: string; mode: string; text: string; url: string }) {
  const words: Words = {
    subject: `${about.title} (installation, ${about.mode} mode)`,
    paragraphs: [about.text, 'Administration → Installation shows it, with the button that repairs it.'],
    button: { label: 'Open Rentroll', url: about.url },
  }
  return { subject: words.subject, ...renderMail(words, 'Rentroll') }
}

/** A finished mail body in both forms. Everything in it is escaped here and nowhere else. */
export function renderMail(words: Words, operator: string): { readonly text: string; readonly html: string } {
  const { paragraphs, button } = words
  const text = [...paragraphs, ...(button ? [`${button.label}: ${button.url}`] : []), operator].join('\n\n')
  const body = paragraphs.map((paragraph) => `<p>${escape(paragraph)}</p>`).join('')
  const link = button ? `<p><a href="${escape(button.url)}">${escape(button.label)}</a></p>` : ''
  return {
    text,
    html: `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(words.subject)}</title></head><body>${body}${link}<p>${escape(operator)}</p></body></html>`,
  }
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
