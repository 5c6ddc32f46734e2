/** Makes a restricted key: one pair of boxes per resource, ticked as products that take payments are told to tick them. */
import type { AccountView, PermissionView } from '../../../stripe/index.ts'
import { markup } from '../../markup.ts'
import type { Markup } from '../../markup.ts'
import { checkField, selectField } from '../../parts.ts'
import { modeChoices } from '../filters.ts'
import { pressForm } from '../press-form.ts'
import type { Visit } from '../visit.ts'

export function restrictedKeyForm({ stripe }: Visit, { id }: AccountView): Markup {
  const ticked = stripe.dashboard.recommendedPermissions
  const rows = stripe.dashboard.listPermissions().map((permission) => permissionRow(permission, ticked))
  return markup`<details data-testid="sandbox-restricted-key"><summary>Make a restricted key</summary>
    ${pressForm(
      {
        twin: '/keys',
        json: { account: id, kind: 'restricted', permissions: [] },
        back: `/_sandbox/accounts/${id}#keys`,
        said: 'The restricted key was made; it is the first of its mode below.',
      },
      markup`${selectField({ name: 'text:mode', id: 'new-key-mode', label: 'Mode', value: 'test', choices: modeChoices })}
      <fieldset><legend>Permissions</legend><ul class="permissions">${rows}</ul></fieldset>
      <p><button class="primary" data-testid="sandbox-key-make">Make restricted key</button></p>`,
      'stack form-width',
    )}</details>`
}

function permissionRow({ resource, canRead, canWrite }: PermissionView, ticked: readonly string[]): Markup {
  const box = (verb: 'read' | 'write') =>
    checkField({
      id: `permission-${resource}-${verb}`,
      name: 'list:permissions',
      value: `${resource}_${verb}`,
      label: markup`${verb}<span class="skip"> ${resource}</span>`,
      isChecked: ticked.includes(`${resource}_${verb}`),
    })
  return markup`<li><code>${resource}</code><span class="row">${canRead && box('read')}${canWrite && box('write')}</span></li>`
}
