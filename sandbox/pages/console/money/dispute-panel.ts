/** Disputes of an account or of one payment: what the bank wants, and the owner's answers (SBX-27). */
import type { WireObject } from '../../../stripe/index.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { dataTable, section, selectField } from '../../parts.ts'
import { objectState } from '../badges.ts'
import { ownerPress, pressButton, pressForm } from '../press-form.ts'
import { numberOf, recordOf, textOf } from '../wire-object.ts'
import { amount, madeAt, secondsAt } from './object-cells.ts'
import type { MoneyPanel } from './payout-panel.ts'

/** `by` narrows to one payment; without it all of the account are shown. */
export function disputePanel(panel: MoneyPanel, by?: readonly [field: string, value: string]): Markup {
  const disputes = panel.stripe.dashboard.listObjects(panel.place, 'dispute', { limit: 20, by })
  const table = dataTable({
    caption: 'Newest first',
    columns: [
      { label: 'Made', kind: 'nowrap' },
      { label: 'Dispute' },
      { label: 'Status' },
      { label: 'Answer by', kind: 'nowrap' },
      { label: 'Answer' },
    ],
    rows: disputes.map((dispute) => ({
      testId: `sandbox-dispute-${textOf(dispute, 'id')}`,
      cells: [
        madeAt(dispute),
        markup`${amount(dispute)} <span class="muted">${textOf(dispute, 'reason').replaceAll('_', ' ')}</span><br><code>${textOf(dispute, 'id')}</code>`,
        objectState(dispute),
        dueBy(dispute),
        markup`<div class="row">${answers(panel, dispute)}</div>`,
      ],
    })),
  })
  return section('Disputes', disputes.length > 0 ? table : markup`<p class="muted">No disputes.</p>`, {
    testId: 'sandbox-disputes',
  })
}

function dueBy(dispute: WireObject): Insertable {
  const seconds = numberOf(recordOf(dispute, 'evidence_details'), 'due_by')
  return seconds === null ? markup`<span class="muted">Nobody asks</span>` : secondsAt(seconds)
}

/** The words `winning_evidence` and `losing_evidence` decide the case, as in Stripe's test mode. */
function answers({ place, back }: MoneyPanel, dispute: WireObject): Insertable {
  const id = textOf(dispute, 'id')
  if (!textOf(dispute, 'status').endsWith('needs_response')) return markup`<span class="muted">Nothing more</span>`
  const submit = (word: string, said: string) =>
    ownerPress(
      { ...place, path: `/v1/disputes/${id}`, parameters: { evidence: { uncategorized_text: word }, submit: true } },
      { back, said },
    )
  const button = (press: ReturnType<typeof submit>, label: string, deed: string) =>
    pressButton(press, { label, describes: id, testId: `sandbox-dispute-${deed}-${id}` })
  return [
    button(
      submit('winning_evidence', 'Evidence that wins was sent. The money comes back after an hour.'),
      'Win it',
      'win',
    ),
    button(submit('losing_evidence', 'Evidence that loses was sent.'), 'Lose it', 'lose'),
    button(
      ownerPress({ ...place, path: `/v1/disputes/${id}/close` }, { back, said: 'The dispute was accepted.' }),
      'Accept it',
      'close',
    ),
  ]
}

const KINDS = [
  { value: 'chargeback', label: 'Chargeback: the money goes at once' },
  { value: 'inquiry', label: 'Inquiry: the bank only asks' },
  { value: 'return', label: 'Debit returned after it succeeded' },
]

/** The payer turns to the bank. Nothing where a charge did not succeed or is disputed already. */
export function disputeForm(charge: WireObject, back: string): Markup | null {
  if (textOf(charge, 'status') !== 'succeeded' || charge['disputed'] === true) return null
  const id = textOf(charge, 'id')
  return pressForm(
    { twin: `/charges/${id}/dispute`, back, said: 'The payer’s bank disputes the payment.' },
    markup`${selectField({ name: 'text:kind', id: `dispute-${id}`, label: 'The payer’s bank disputes it', value: 'chargeback', choices: KINDS })}
    <button aria-label="Dispute charge ${id}" data-testid="sandbox-dispute-${id}">Dispute</button>`,
    'filters',
  )
}
