/** How an event's type and state are written in the list and in the drawer. */
import { StatusBadge, type Tone } from '#web/ui'
import { Fragment } from 'react'
import type { EventRow } from './wire.ts'

/** Breaks after a dot or an underscore, never inside a word. */
export function TypeName({ type }: { type: string }) {
  return (
    <code>
      {type.split(/(?<=[._])/).map((part, index) => (
        // The parts of a name never change their order.
        <Fragment key={index}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </code>
  )
}

/** The badge says the state in a word; the whole sentence stands in the drawer. */
const shortLabels: Readonly<Record<string, string>> = {
  received: 'Received',
  processing: 'Processing',
  done: 'Processed',
  retry: 'Failed, tried again',
  parked: 'Parked',
  dead: 'Dead',
  ignored_unhandled: 'Ignored',
  ignored_foreign: 'Ignored',
  ignored_mode: 'Ignored',
  quarantined: 'Quarantined',
  dismissed: 'Dismissed',
}

const tones: Readonly<Record<string, Tone>> = {
  received: 'blue',
  processing: 'blue',
  done: 'green',
  retry: 'yellow',
  parked: 'yellow',
  dead: 'red',
  quarantined: 'purple',
}

function eventTone(state: string): Tone {
  return tones[state] ?? 'grey'
}

export function State({ event }: { event: Pick<EventRow, 'state' | 'stateLabel'> }) {
  return <StatusBadge tone={eventTone(event.state)}>{shortLabels[event.state] ?? event.stateLabel}</StatusBadge>
}
