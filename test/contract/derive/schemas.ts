/**
 * Turns declared types into JSON schemas. Interfaces become closed objects: a field the declaration does not name is an
 * error. Three things are not as in TypeScript: `OtherString`, the loophole for values of the future, is dropped, so an
 * unknown enum value is found; `Decimal` and `bigint` travel as strings; `Partial<T>` becomes `x-partial`, and whoever
 * reads the document decides how deep it goes.
 */
import type { TSInterfaceDeclaration, TSSignature, TSType, TSTypeReference } from 'oxc-parser'
import type { Declarations, Declared, Scope } from './scopes.ts'
import { namesOf } from './scopes.ts'

export type Schema = {
  readonly $ref?: string
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly not?: Schema
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | Schema
  readonly 'x-partial'?: Schema
}

const prefix = '#/components/schemas/'

/** The name behind a `$ref`. */
export function nameOfReference(reference: string): string {
  return reference.slice(prefix.length)
}

export class Schemas {
  readonly #declarations: Declarations
  readonly #components = new Map<string, Schema>()
  readonly #names = new Map<Declared['declaration'], string>()

  constructor(declarations: Declarations) {
    this.#declarations = declarations
  }

  /** Every component that was reached, by name in alphabetical order. */
  components(): Record<string, Schema> {
    return Object.fromEntries([...this.#components].toSorted(([one], [other]) => (one < other ? -1 : 1)))
  }

  of(node: TSType, scope: Scope): Schema {
    switch (node.type) {
      case 'TSStringKeyword':
      case 'TSBigIntKeyword':
        return { type: 'string' }
      case 'TSNumberKeyword':
        return { type: 'number' }
      case 'TSBooleanKeyword':
        return { type: 'boolean' }
      case 'TSNullKeyword':
      case 'TSVoidKeyword':
      case 'TSUndefinedKeyword':
        return { type: 'null' }
      case 'TSUnknownKeyword':
      case 'TSAnyKeyword':
        return {}
      case 'TSNeverKeyword':
        return { not: {} }
      case 'TSLiteralType':
        return { const: literalOf(node) }
      case 'TSUnionType':
        return unite(node.types.filter((one) => !isOtherString(one)).map((one) => this.of(one, scope)))
      case 'TSArrayType':
        return { type: 'array', items: this.of(node.elementType, scope) }
      case 'TSTypeLiteral':
        return this.#objectOf(node.members, scope)
      case 'TSParenthesizedType':
        return this.of(node.typeAnnotation, scope)
      case 'TSTypeReference':
        return this.#ofReference(node, scope)
      default:
        throw new Error(`${scope.file}: types of the form ${node.type} are not understood`)
    }
  }

  #ofReference(node: TSTypeReference, scope: Scope): Schema {
    const names = namesOf(node.typeName)
    const [argument] = node.typeArguments?.params ?? []
    const inner = (): Schema => (argument === undefined ? {} : this.of(argument, scope))
    switch (names.join('.')) {
      case 'Array':
        return { type: 'array', items: inner() }
      case 'Promise':
      case 'Response':
        return inner()
      case 'ApiList':
      case 'ApiListPromise':
        return listOf(inner(), 'list')
      case 'ApiSearchResult':
      case 'ApiSearchResultPromise':
        return listOf(inner(), 'search_result')
      case 'V2List':
      case 'V2ListPromise':
        return listOf(inner(), undefined)
      case 'Emptyable':
        return unite([{ type: 'null' }, { const: '' }, inner()])
      case 'Partial':
        return { 'x-partial': inner() }
      case 'Decimal':
      case 'OtherString':
        return { type: 'string' }
      case 'StripeStreamResponse':
      case 'FileData':
      case 'Uint8Array':
      case 'Buffer':
      case 'Record':
        return {}
      default:
        return this.reference(this.#declarations.resolve(scope, names))
    }
  }

  reference(declared: Declared): Schema {
    return { $ref: prefix + this.#nameOf(declared) }
  }

  #nameOf(declared: Declared): string {
    const known = this.#names.get(declared.declaration)
    if (known !== undefined) return known
    const name = qualify(declared)
    if (this.#components.has(name)) throw new Error(`two types would be called ${name}`)
    this.#names.set(declared.declaration, name)
    this.#components.set(name, {})
    this.#components.set(name, this.#ofDeclaration(declared))
    return name
  }

  #ofDeclaration({ declaration, scope }: Declared): Schema {
    if (declaration.type === 'TSTypeAliasDeclaration') return this.of(declaration.typeAnnotation, scope)
    return this.#objectOf(declaration.body.body, scope, declaration.extends)
  }

  #objectOf(members: readonly TSSignature[], scope: Scope, bases: TSInterfaceDeclaration['extends'] = []): Schema {
    const properties: Record<string, Schema> = {}
    const required = new Set<string>()
    let rest: boolean | Schema = false
    for (const { expression } of bases) {
      const { declaration, scope: home } = this.#declarations.resolve(scope, namesOf(expression))
      if (declaration.type !== 'TSInterfaceDeclaration') throw new Error(`${home.file}: a base that is no interface`)
      const base = this.#objectOf(declaration.body.body, home, declaration.extends)
      Object.assign(properties, base.properties)
      for (const name of base.required ?? []) required.add(name)
    }
    for (const member of members) {
      if (member.type === 'TSIndexSignature') rest = this.of(member.typeAnnotation.typeAnnotation, scope)
      if (member.type !== 'TSPropertySignature' || member.typeAnnotation === null) continue
      const name = 'name' in member.key ? String(member.key.name) : String((member.key as { value: unknown }).value)
      properties[name] = this.of(member.typeAnnotation.typeAnnotation, scope)
      if (member.optional) required.delete(name)
      else required.add(name)
    }
    return { type: 'object', properties, required: [...required], additionalProperties: rest }
  }
}

/** 'resources/Checkout/Sessions' and 'Session' become 'Checkout.Session', as in `Stripe.Checkout.Session`. */
function qualify({ scope, name }: Declared): string {
  const folders = scope.file.split('/').slice(1, -1).join('.')
  return folders === '' || name.startsWith(`${folders}.`) ? name : `${folders}.${name}`
}

function isOtherString(node: TSType): boolean {
  return node.type === 'TSTypeReference' && namesOf(node.typeName).join('.') === 'OtherString'
}

function literalOf(node: TSType & { type: 'TSLiteralType' }): unknown {
  const { literal } = node
  if (literal.type === 'UnaryExpression') return -Number((literal.argument as { value?: unknown }).value)
  return 'value' in literal ? literal.value : null
}

function listOf(item: Schema, kind: 'list' | 'search_result' | undefined): Schema {
  const data = { type: 'array', items: item }
  const page = unite([{ type: 'string' }, { type: 'null' }])
  if (kind === undefined) {
    const properties = { data, next_page_url: page, previous_page_url: page }
    return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false }
  }
  const properties = { object: { const: kind }, data, has_more: { type: 'boolean' }, url: { type: 'string' } }
  const more = kind === 'list' ? {} : { next_page: page, total_count: { type: 'number' } }
  const required = [...Object.keys(properties), ...(kind === 'list' ? [] : ['next_page'])]
  return { type: 'object', properties: { ...properties, ...more }, required, additionalProperties: false }
}

/** Literals of one union become one enum. */
function unite(schemas: readonly Schema[]): Schema {
  const flat = schemas.flatMap((one) => (one.anyOf === undefined ? [one] : one.anyOf))
  const literals = flat.flatMap((one) => one.enum ?? ('const' in one ? [one.const] : []))
  const others = flat.filter((one) => one.enum === undefined && !('const' in one))
  const all = [...others, ...(literals.length > 0 ? [{ enum: [...new Set(literals)] }] : [])]
  const [only] = all
  return all.length === 1 && only !== undefined ? only : { anyOf: all }
}
