/** The sandbox clock: what it shows, what happens next by itself, and the buttons that turn it on (SBX-38). */
import { instant } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { section } from '../../parts.ts'
import type { ConsoleSandbox } from '../visit.ts'

export function clockControls(stripe: ConsoleSandbox): Markup {
  const nextDueAt = stripe.nextDueAt()
  return section(
    'Clock',
    markup`<dl class="figures">
      <div class="figure"><dt class="muted">Sandbox time</dt><dd data-testid="sandbox-clock">${instant(stripe.now())}</dd></div>
      <div class="figure"><dt class="muted">Next happens by itself</dt><dd data-testid="sandbox-next-due">${nextDueAt === null ? 'Nothing' : instant(nextDueAt)}</dd></div>
    </dl>`,
    { id: 'clock' },
  )
}
