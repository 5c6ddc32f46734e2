/** What a trouble is, whom it happens to, and where its words are read; see troubles.ts. */
import { startProduct, type Product, type Reply } from '#test/product'
import { onboarded, status } from './connected.ts'
import { openLane } from './faulty.ts'
import { connectStripe, signUp } from './walk.ts'

/** The three parts of what a person reads (UI-59). */
export type Said = { readonly title: string; readonly cause: string; readonly next: string }

type DatabaseKind = 'pglite' | 'postgres'

export type Trouble = {
  /** The requirement it belongs to. */
  readonly about: string
  readonly what: string
  /** Said in this way on one of the two databases only. */
  readonly only?: DatabaseKind
  provoke(): Promise<Said>
}

export type Chapter = { readonly title: string; readonly troubles: readonly Trouble[] }

export const saidIn = ({ body }: Reply): Said => ({ title: body.title, cause: body.detail, next: body.nextStep })

/** Everybody the troubles happen to, made once. */
export async function openScene(product: Product, kind: DatabaseKind) {
  const fresh = await signUp(product)
  const old = await signUp(product)
  await connectStripe(old, product, { webhook: false })
  const lane = await openLane(product, 'Troubled Desks')
  const account = await onboarded(product)
  await status(account.session, 'active')
  return { product, kind, fresh, old, lane, account }
}

export type Scene = Awaited<ReturnType<typeof openScene>>

/** In an installation of its own, for what would disturb everybody else: one made otherwise, or a clock that is turned by days. */
export async function elsewhere(
  { kind }: Scene,
  options: { readonly isPlatform: boolean },
  provoke: (product: Product) => Promise<Said>,
): Promise<Said> {
  const product = await startProduct(kind, options)
  try {
    return await provoke(product)
  } finally {
    await product.close()
  }
}

/** One badge of the card under Integrations; its sentence says what to do. */
export function badge(connection: { badges: { label: string; sentence: string }[] }, place: number): Said {
  const { label, sentence } = connection.badges[place]!
  return { title: label, cause: sentence, next: '' }
}

/** One row of Test Connection under its title. */
export function testRow(report: { title: string; rows: readonly { row: string; text: string }[] }, row: string): Said {
  return { title: report.title, cause: report.rows.find((one) => one.row === row)!.text, next: '' }
}
