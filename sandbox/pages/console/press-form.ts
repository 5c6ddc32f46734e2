/** Forms and buttons that call a twin of the control API; see press.ts. */
import { markup } from '../markup.ts'
import type { Insertable, Markup } from '../markup.ts'

export interface Press {
  /** Address of the control API without `/_sandbox`, such as '/deliveries/dlv_1/resend'. */
  readonly twin: string
  readonly method?: 'POST' | 'DELETE'
  /** What the twin takes, as far as the button knows it. */
  readonly json?: Readonly<Record<string, unknown>>
  /** The page to come back to. */
  readonly back: string
  /** Where to go instead when it worked. */
  readonly done?: string
  /** What to say there when it worked. */
  readonly said: string
}

/** A form whose fields, named as typed-fields.ts says, are added to `press.json`. */
export function pressForm(press: Press, content: Insertable, className = 'stack'): Markup {
  const { twin, method, json, back, done, said } = press
  return markup`<form class="${className}" method="post" action="/_sandbox/press${twin}" data-once>
    ${method !== undefined && markup`<input type="hidden" name="method" value="${method}">`}
    ${json !== undefined && markup`<input type="hidden" name="json:" value="${JSON.stringify(json)}">`}
    <input type="hidden" name="back" value="${back}">
    ${done !== undefined && markup`<input type="hidden" name="done" value="${done}">`}
    <input type="hidden" name="said" value="${said}">
    ${content}
  </form>`
}

interface Button {
  readonly label: string
  readonly testId: string
  /** For a screen reader, where the label alone does not say what it is about. */
  readonly describes?: string
  readonly look?: 'primary' | 'danger'
}

export function pressButton(press: Press, { label, testId, describes, look }: Button): Markup {
  const aria = describes !== undefined && markup` aria-label="${label}: ${describes}"`
  return pressForm(press, markup`<button class="${look}"${aria} data-testid="${testId}">${label}</button>`, 'inline')
}

/** A deed of the account's owner, as by hand in Stripe's dashboard. */
export function ownerPress(
  act: { account: string; mode: string; path: string; method?: 'POST' | 'DELETE'; parameters?: object },
  tell: { back: string; said: string },
): Press {
  return { twin: '/act', json: act, ...tell }
}
