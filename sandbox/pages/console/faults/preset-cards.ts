/** Cards of faults that are armed with one press, each with what to expect and, once armed, the way back. */
import { isDeepStrictEqual } from 'node:util'
import type { Fault } from '../../../stripe/faults/faults.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { badge } from '../../parts.ts'
import { pressButton } from '../press-form.ts'
import type { ConsoleSandbox } from '../visit.ts'
import { clearButton } from './active-faults.ts'
import { FAULT_PRESETS } from './fault-presets.ts'
import type { FaultPreset } from './fault-presets.ts'

export function presetCards(stripe: ConsoleSandbox): Markup {
  const active = stripe.faults.list()
  return markup`<div class="cards">${FAULT_PRESETS.map((preset) => presetCard(preset, active))}</div>`
}

function presetCard(preset: FaultPreset, active: readonly Fault[]): Markup {
  const { name, title, expect, undo, fault } = preset
  const armed = active.find((one) => isOf(one, preset))
  const provoke = pressButton(
    { twin: '/faults', json: { ...fault }, back: '/_sandbox/faults#presets', said: `Armed: ${title}. ${expect}` },
    { label: 'Provoke', describes: title, testId: `sandbox-provoke-${name}` },
  )
  return markup`<section class="card" aria-label="${title}">
    <h3>${title}</h3>
    <div class="stack tight"><p class="muted">${expect}</p><p class="small muted">${undo}</p></div>
    <div class="row">${armed === undefined ? provoke : [badge('Armed', 'red'), clearButton(armed.id, 'Undo', title)]}</div>
  </section>`
}

/** Whether this fault was made by the preset; its settings may have been filled up since. */
function isOf({ where, effect, match }: Fault, { fault }: FaultPreset): boolean {
  const path = fault.match?.['path']
  return (
    where === fault.where &&
    Object.entries(fault.effect).every(([name, value]) =>
      isDeepStrictEqual((effect as Record<string, unknown>)[name], value),
    ) &&
    path === match.path?.source.replaceAll('\\/', '/')
  )
}
