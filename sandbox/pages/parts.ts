/** Pieces that several sandbox pages are made of: tables that become cards on a telephone, badges, copy fields. */
import { markup } from './markup.ts'
import type { Insertable, Markup } from './markup.ts'

interface Column {
  label: string
  /** Numbers stand to the right; short texts such as times stay on one line. */
  kind?: 'number' | 'nowrap'
}

interface Table {
  caption: string
  columns: readonly Column[]
  rows: readonly { testId: string; cells: readonly Insertable[] }[]
}

/** The roles are spelled out because the narrow layout takes the table's own display away, and its meaning with it. */
export function dataTable({ caption, columns, rows }: Table): Markup {
  const head = columns.map(
    (column) => markup`<th scope="col" role="columnheader" class="${column.kind}">${column.label}</th>`,
  )
  const body = rows.map(({ testId, cells }) => {
    const entries = columns.map(
      (column, position) =>
        markup`<td role="cell" class="${column.kind}" data-label="${column.label}"><div>${cells[position]}</div></td>`,
    )
    return markup`<tr role="row" data-testid="${testId}">${entries}</tr>`
  })
  return markup`<table role="table">
    <caption>${caption}</caption>
    <thead role="rowgroup"><tr role="row">${head}</tr></thead>
    <tbody role="rowgroup">${body}</tbody>
  </table>`
}

export type Tone = 'grey' | 'green' | 'red' | 'blue' | 'yellow'

/** A heading with what belongs under it; `link` stands beside the heading. */
export function section(
  title: string,
  content: Insertable,
  { link, testId, id }: { link?: Insertable; testId?: string; id?: string } = {},
): Markup {
  return markup`<section class="stack tight"${id !== undefined && markup` id="${id}"`}${testId !== undefined && markup` data-testid="${testId}"`}>
    <div class="row between"><h2>${title}</h2>${link}</div>
    ${content}
  </section>`
}

export function badge(text: string, tone: Tone): Markup {
  return markup`<span class="badge ${tone}">${text}</span>`
}

interface CopyField {
  id: string
  label: string
  /** Whose value it is, for a screen reader, where the page has several of the kind. */
  describes?: string
  value: string
  /** In a table, whose column says the label already. */
  isCompact?: boolean
}

/** A value that can be selected and, where scripts run, copied with one press. */
export function copyField({ id, label, describes, value, isCompact }: CopyField): Markup {
  const full = describes === undefined ? label : `${label} of ${describes}`
  const named = describes !== undefined && markup` aria-label="${full}"`
  return markup`<div class="field">
    <label class="${isCompact === true ? 'skip' : 'small'}" for="${id}">${label}</label>
    <div class="copy">
      <input id="${id}" value="${value}"${named} readonly data-testid="sandbox-${id}">
      <button type="button" data-copy="${id}" aria-label="Copy ${full}" hidden>Copy</button>
    </div>
  </div>`
}

/** Several lines to copy, such as a command. */
export function copyBlock({ id, label, text }: { id: string; label: string; text: string }): Markup {
  return markup`<div class="stack tight">
    <pre id="${id}" tabindex="0" role="region" aria-label="${label}" data-testid="sandbox-${id}">${text}</pre>
    <p><button type="button" data-copy="${id}" aria-label="Copy ${label}" hidden>Copy</button></p>
  </div>`
}

/** A number that says how things stand, with its name above it; `figures` puts several in a line. */
export interface Figure {
  label: string
  value: Insertable
  testId: string
  /** A few words below. */
  hint?: Insertable
}

export function figures(list: readonly Figure[]): Markup {
  const entries = list.map(
    ({ label, value, testId, hint }) =>
      markup`<div class="figure"><dt class="muted">${label}</dt><dd data-testid="${testId}">${value}</dd>${hint !== undefined && markup`<dd class="small">${hint}</dd>`}</div>`,
  )
  return markup`<dl class="figures">${entries}</dl>`
}

interface TextField {
  /** Also the test id, after `sandbox-`. */
  id: string
  name: string
  label: string
  hint?: string
  value?: string
  type?: 'text' | 'url' | 'datetime-local'
  isNumeric?: boolean
}

/** A label, a hint and a line to type in. */
export function textField({ id, name, label, hint, value = '', type = 'text', isNumeric }: TextField): Markup {
  const described = hint !== undefined && markup` aria-describedby="${id}-hint"`
  return markup`<div class="field">
    <label for="${id}">${label}</label>
    ${hint !== undefined && markup`<span class="hint" id="${id}-hint">${hint}</span>`}
    <input id="${id}" name="${name}" type="${type}" value="${value}"${isNumeric && markup` inputmode="numeric"`}${described} autocomplete="off" data-testid="sandbox-${id}">
  </div>`
}

interface CheckField {
  id: string
  name: string
  value: string
  label: Insertable
  isChecked?: boolean
}

export function checkField({ id, name, value, label, isChecked }: CheckField): Markup {
  return markup`<label class="check" for="${id}"><input type="checkbox" id="${id}" name="${name}" value="${value}"${isChecked && markup` checked`} data-testid="sandbox-${id}"><span>${label}</span></label>`
}

/** One select of a filter form; the first choice means "all". */
export function selectField({
  name,
  id = name,
  label,
  value,
  all,
  choices,
}: {
  name: string
  /** Where the page has another field of this name. */
  id?: string
  label: string
  value: string
  /** Text of the choice that filters nothing; left out when one must be chosen. */
  all?: string
  choices: readonly { value: string; label: string }[]
}): Markup {
  const options = [...(all === undefined ? [] : [{ value: '', label: all }]), ...choices].map(
    (choice) =>
      markup`<option value="${choice.value}"${choice.value === value && markup` selected`}>${choice.label}</option>`,
  )
  return markup`<div class="field"><label for="${id}">${label}</label>
    <select id="${id}" name="${name}" data-testid="sandbox-filter-${id}">${options}</select></div>`
}
