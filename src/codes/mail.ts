/**
 * The mail with a code. It goes out at once and never waits in the outbox, because a code stands nowhere but in the reader's mail.
 */
export function codeMail(to: string, { operator, code }: { readonly operator: string; readonly code: string }) {
  return {
    to,
    subject: `${code} is the code to go on with Stripe for ${operator}`,
    lines: [
      `Somebody opened a link to finish connecting Stripe for ${operator} and has no account to sign in with.`,
      `If you trust them, tell them this code: ${code}`,
      'It works for 10 minutes, once. Whoever enters it gets to Stripe’s form and nowhere else in Rentroll.',
      'If you do not know who asks, do nothing, and revoke the link under Settings → Payments.',
    ],
  }
}
