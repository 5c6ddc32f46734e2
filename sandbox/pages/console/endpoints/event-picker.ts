/** Which events an endpoint asks for: names to paste, or boxes to tick, grouped by the object they are about. */
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { checkField } from '../../parts.ts'

/** Name of both fields; what is ticked and what is pasted counts together. */
const FIELD = 'parameters.enabled_events'

interface EventPicker {
  /** Begins the ids, where a page has several pickers. */
  id: string
  known: readonly string[]
  /** What was ticked or pasted before. */
  chosen: readonly string[]
}

export function eventPicker({ id, known, chosen }: EventPicker): Markup {
  const groups = Map.groupBy(known, (type) => type.slice(0, type.lastIndexOf('.')))
  const boxes = [...groups].map(([object, types]) => {
    const ticks = types.map((type) =>
      checkField({ id: `${id}-${type}`, name: `list:${FIELD}`, value: type, label: markup`<code>${type}</code>` }),
    )
    return markup`<details class="group"><summary>${object} <span class="muted">${types.length}</span></summary><div class="stack tight">${ticks}</div></details>`
  })
  return markup`<fieldset class="stack tight">
    <legend>Events</legend>
    <div class="field">
      <label for="${id}-names">Names</label>
      <span class="hint" id="${id}-names-hint">One to a line, or with spaces between them. * stands for every event.</span>
      <textarea id="${id}-names" name="lines:${FIELD}" rows="6" class="mono" aria-describedby="${id}-names-hint" autocomplete="off" data-testid="sandbox-${id}-names">${chosen.join('\n')}</textarea>
    </div>
    <details data-testid="sandbox-${id}-pick"><summary>Pick from all ${known.length} events</summary><div class="groups">${boxes}</div></details>
  </fieldset>`
}
