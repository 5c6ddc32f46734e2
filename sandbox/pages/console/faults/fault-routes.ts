/** Buttons of the faults page. What they do is what `POST` and `DELETE /_sandbox/faults` do for programs. */
import { redirect } from '../../../http.ts'
import type { Route, SandboxReply, SandboxRequest } from '../../../http.ts'
import { FaultRefused } from '../../../stripe/faults/fields.ts'
import { ownPagesOnly, readForm } from '../../form.ts'
import type { Faults } from '../../../stripe/faults/faults.ts'
import { pageRoute } from '../visit.ts'
import type { ConsoleSandbox } from '../visit.ts'
import { readFaultForm } from './fault-form.ts'
import { FAULT_PRESETS } from './fault-presets.ts'
import { faultsPage } from './faults-page.ts'

const PAGE = '/_sandbox/faults'

type Parts = Parameters<typeof pageRoute>[0] & { stripe: ConsoleSandbox & { readonly faults: Faults } }

export function faultRoutes(parts: Parts): Route[] {
  const { faults } = parts.stripe
  return [
    pageRoute(parts, PAGE, (visit) => faultsPage(visit)),
    ownPagesOnly({ method: 'POST', pattern: `${PAGE}/arm`, handle: (request) => arm(parts, request) }),
    ownPagesOnly({ method: 'POST', pattern: `${PAGE}/clear`, handle: () => clear(faults) }),
    ownPagesOnly({ method: 'POST', pattern: `${PAGE}/:id/clear`, handle: (_, { id }) => clear(faults, id) }),
  ]
}

function arm({ stripe }: Parts, request: SandboxRequest): SandboxReply {
  const form = readForm(request)
  const preset = FAULT_PRESETS.find(({ name }) => name === form.get('preset'))
  try {
    stripe.faults.arm(preset?.fault ?? readFaultForm(form))
  } catch (error) {
    if (!(error instanceof FaultRefused)) throw error
    const visit = { stripe, query: new URLSearchParams(), params: {}, notice: null }
    return faultsPage(visit, { refusal: error.message, typed: form })
  }
  return redirect(PAGE)
}

function clear(faults: Faults, faultId?: string): SandboxReply {
  faults.clear(faultId)
  return redirect(PAGE)
}
