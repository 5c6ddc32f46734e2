/**
 * Reads the operations of the API from the package's resource classes: method and path from the code of each method, its
 * parameters and its answer from the declaration of the same method. A method with two requests, such as
 * `accounts.retrieve`, gives two operations.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Visitor, parseSync } from 'oxc-parser'
import type { CallExpression, Class, Expression, MethodDefinition, ParamPattern, TSType } from 'oxc-parser'
import type { Schema, Schemas } from './schemas.ts'
import type { Declarations, Scope } from './scopes.ts'

export type Operation = {
  /** As in the SDK, such as 'RefundResource.create'. */
  readonly 'x-name': string
  readonly parameters: Schema | null
  readonly answer: Schema
}

/** By path with `{id}` places, then by method in lower case, as in OpenAPI. */
export type Paths = Record<string, Record<string, Operation>>

type Sources = { readonly root: string; readonly declarations: Declarations; readonly schemas: Schemas }

/** @param file of a resource class, from the package's folder and without ending. */
export function addOperations(paths: Paths, file: string, sources: Sources): void {
  const scope = sources.declarations.fileOf(file)
  const code = readFileSync(join(sources.root, `${file}.js`), 'utf8')
  for (const { name, method, path } of findRequests(file, code)) {
    const declared = findMethod(scope, name)
    if (declared === undefined) continue
    const operation = { 'x-name': name, ...readSignature(declared, scope, sources.schemas) }
    const known = (paths[path] ??= {})[method]
    // The same request under a second name, such as `accounts.retrieve(null)`: the more exact name came or comes alone.
    if (known === undefined || known['x-name'].length < name.length) paths[path][method] = operation
  }
}

type Request = { readonly name: string; readonly method: string; readonly path: string }

function findRequests(file: string, code: string): readonly Request[] {
  const { program } = parseSync(`${file}.js`, code)
  const found: Request[] = []
  let className = ''
  let methodName = ''
  new Visitor({
    ClassDeclaration: (node: Class) => void (className = node.id?.name ?? ''),
    MethodDefinition: (node: MethodDefinition) => void (methodName = 'name' in node.key ? String(node.key.name) : ''),
    CallExpression: (node: CallExpression) => {
      const { callee, arguments: given } = node
      if (callee.type !== 'MemberExpression' || !('name' in callee.property)) return
      if (callee.property.name !== '_makeRequest') return
      const [method, path] = given.map((one) => readText(one as Expression))
      if (method === undefined || path === undefined || !path.startsWith('/v')) return
      found.push({ name: `${className}.${methodName}`, method: method.toLowerCase(), path })
    },
  }).visit(program)
  return found
}

/** '/v1/refunds/${encodeURIComponent(id)}' becomes '/v1/refunds/{id}'. */
function readText(node: Expression): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined
  if (node.type !== 'TemplateLiteral') return undefined
  return node.quasis
    .map(({ value }, place) => {
      const hole = node.expressions[place]
      if (hole === undefined) return value.cooked ?? value.raw
      const argument = hole.type === 'CallExpression' ? (hole.arguments[0] as Expression) : hole
      return `${value.cooked ?? value.raw}{${argument.type === 'Identifier' ? argument.name : 'id'}}`
    })
    .join('')
}

function findMethod(scope: Scope, name: string): MethodDefinition | undefined {
  const [className = '', methodName] = name.split('.')
  const members = scope.classes.get(className) ?? []
  return members.find(
    (one): one is MethodDefinition =>
      one.type === 'MethodDefinition' && 'name' in one.key && one.key.name === methodName,
  )
}

function readSignature(
  method: MethodDefinition,
  scope: Scope,
  schemas: Schemas,
): { parameters: Schema | null; answer: Schema } {
  const { params, returnType } = method.value
  const given = params.find((one) => 'name' in one && one.name === 'params')
  const type = given === undefined ? undefined : typeOf(given)
  return {
    parameters: type === undefined ? null : schemas.of(type, scope),
    answer: returnType == null ? {} : schemas.of(returnType.typeAnnotation, scope),
  }
}

function typeOf(param: ParamPattern): TSType | undefined {
  return 'typeAnnotation' in param ? param.typeAnnotation?.typeAnnotation : undefined
}
