/**
 * Faults: what is armed now, the known troubles, one-press presets, and the way to everything else (SBX-41). Whatever is
 * armed here is counted in red on every page of the sandbox until it is used up or cleared.
 */
import type { SandboxReply } from '../../../http.ts'
import { markup } from '../../markup.ts'
import { section } from '../../parts.ts'
import { consoleReply } from '../visit.ts'
import type { Visit } from '../visit.ts'
import { activeFaults, hitLog } from './active-faults.ts'
import { effectChooser } from './fault-form.ts'
import { presetCards } from './preset-cards.ts'
import { troubleCards } from './trouble-cards.ts'

export function faultsPage(visit: Visit): SandboxReply {
  const { stripe } = visit
  const body = markup`<div class="stack wide-gap">
    <h1>Faults</h1>
    ${activeFaults(stripe)}
    ${section('Known troubles', troubleCards(visit), { id: 'troubles' })}
    ${section('One press', presetCards(stripe), { id: 'presets' })}
    ${section('Any fault', effectChooser())}
    ${hitLog(stripe)}
  </div>`
  return consoleReply(visit, { title: 'Faults', tab: 'faults', body })
}
