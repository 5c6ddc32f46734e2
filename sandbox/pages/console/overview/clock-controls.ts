/**
 * The sandbox clock: what it shows, what happens next by itself, and the buttons that turn it on (SBX-38). A long turn goes
 * on by itself; the page says how far it is and offers to stop it.
 */
import { countText, instant } from '../../format.ts'
import { markup } from '../../markup.ts'
import type { Insertable, Markup } from '../../markup.ts'
import { badge, figures, section } from '../../parts.ts'
import { pressButton } from '../press-form.ts'
import type { Press } from '../press-form.ts'
import type { Visit } from '../visit.ts'

const STEPS = [
  { label: '+1 hour', advance: 'PT1H', said: 'one hour' },
  { label: '+1 day', advance: 'P1D', said: 'one day' },
  { label: '+1 week', advance: 'P7D', said: 'one week' },
  { label: '+1 month', advance: 'P1M', said: 'one month' },
] as const

export function clockControls({ stripe, time }: Visit): Markup {
  const { now, isFrozen, walk } = time.view
  const nextDueAt = stripe.nextDueAt()
  const shown = figures([
    {
      label: 'Sandbox time',
      value: markup`${instant(now)} ${isFrozen && badge('Frozen', 'blue')}`,
      testId: 'sandbox-clock',
    },
    {
      label: 'Next happens by itself',
      value: nextDueAt === null ? 'Nothing' : instant(nextDueAt),
      testId: 'sandbox-next-due',
    },
  ])
  const controls = walk?.state === 'walking' ? walking(walk) : [lastTurn(walk), buttons(nextDueAt, isFrozen)]
  return section('Clock', [shown, controls], { id: 'clock', testId: 'sandbox-clock-controls' })
}

type Walk = NonNullable<Visit['time']['view']['walk']>

/** With script the page looks again by itself when the turn has ended. */
function walking({ to, steps, where }: Walk): Markup {
  return markup`<div class="notice wait" data-reload-after-walk data-testid="sandbox-clock-walking">
    <p>The clock is on its way to ${instant(to)}: ${countText(steps, ['instant', 'instants'])} worked off${where !== null && `, waiting for ${where}`}.</p>
    <div class="row"><a href="/_sandbox#clock">Look again</a>${pressButton(press('/clock/cancel', 'The clock stopped where it was.'), { label: 'Stop the clock', testId: 'sandbox-clock-cancel' })}</div>
  </div>`
}

/** Only a turn that did not get to its end is worth a word. */
function lastTurn(walk: Walk | null): Markup | false {
  return (
    walk !== null &&
    walk.state !== 'done' &&
    markup`<div class="notice bad" data-testid="sandbox-clock-stopped"><p>The last turn stopped before ${instant(walk.to)}. ${walk.reason}</p></div>`
  )
}

function press(twin: string, said: string, json?: Press['json']): Press {
  return { twin, back: '/_sandbox#clock', said, ...(json !== undefined && { json }) }
}

function buttons(nextDueAt: Date | null, isFrozen: boolean): Insertable {
  const steps = STEPS.map(({ label, advance, said }) =>
    pressButton(press('/clock', `The clock goes ${said} forward.`, { advance, wait: false }), {
      label,
      testId: `sandbox-clock-${advance}`,
    }),
  )
  const toNext =
    nextDueAt !== null &&
    pressButton(
      press('/clock', 'The clock goes to the next due thing.', { set: nextDueAt.toISOString(), wait: false }),
      {
        label: 'To the next due thing',
        testId: 'sandbox-clock-next',
      },
    )
  const freeze = pressButton(
    press('/clock', isFrozen ? 'Time flows again.' : 'Time stands still.', { freeze: !isFrozen }),
    { label: isFrozen ? 'Let time flow' : 'Freeze', testId: 'sandbox-clock-freeze' },
  )
  return markup`<div class="row" data-testid="sandbox-clock-buttons">${steps}${toNext}${freeze}</div>`
}
