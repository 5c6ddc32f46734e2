/**
 * Finds what a type name means in the declaration files of the `stripe` package. TypeScript 7 has no programming interface,
 * so the little of name resolution that generated declarations need is done here: files, namespaces, imports, re-exports.
 * Interfaces, namespaces and classes of one name live side by side, as TypeScript merges them.
 */
import { readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { parseSync } from 'oxc-parser'
import type {
  ClassElement,
  Directive,
  Expression,
  Statement,
  TSInterfaceDeclaration,
  TSModuleReference,
  TSTypeAliasDeclaration,
  TSTypeName,
} from 'oxc-parser'

/** An interface or a type alias, and the scope its own names are looked up in. */
export type Declared = {
  readonly declaration: TSInterfaceDeclaration | TSTypeAliasDeclaration
  readonly scope: Scope
  /** With the namespaces of its file, such as 'Refund.NextAction'. */
  readonly name: string
}

type Alias = { readonly file: string; readonly name: string } | { readonly names: readonly string[] }

export type Scope = {
  /** Path of the file from the package's folder, without its ending. */
  readonly file: string
  readonly parent: Scope | undefined
  /** Empty for the file itself. */
  readonly name: string
  readonly types: Map<string, Declared['declaration']>
  readonly namespaces: Map<string, Scope>
  readonly aliases: Map<string, Alias>
  readonly classes: Map<string, readonly ClassElement[]>
}

export type Declarations = {
  fileOf(path: string): Scope
  /** @throws when nothing of that name is in sight: the reader does not know a form the declarations use. */
  resolve(scope: Scope, names: readonly string[]): Declared
}

/** Reads lazily: a file is parsed when the first name leads to it. `root` is the folder with the declaration files. */
export function openDeclarations(root: string): Declarations {
  const files = new Map<string, Scope>()
  const fileOf = (path: string): Scope => {
    const known = files.get(path)
    if (known !== undefined) return known
    const scope = newScope(path, undefined, '')
    files.set(path, scope)
    const parsed = parseSync(`${path}.d.ts`, readFileSync(join(root, `${path}.d.ts`), 'utf8'), { lang: 'dts' })
    if (parsed.errors.length > 0) throw new Error(`${path}.d.ts cannot be read: ${parsed.errors[0]?.message}`)
    for (const statement of parsed.program.body) readStatement(scope, statement)
    return scope
  }
  const resolve = (scope: Scope, names: readonly string[]): Declared => {
    const found = findUpwards(fileOf, scope, names)
    if (found === undefined) throw new Error(`${scope.file}: nothing is called ${names.join('.')}`)
    return found
  }
  return { fileOf, resolve }
}

function newScope(file: string, parent: Scope | undefined, name: string): Scope {
  const maps = { types: new Map(), namespaces: new Map(), aliases: new Map(), classes: new Map() }
  return { file, parent, name, ...maps }
}

function readStatement(scope: Scope, statement: Statement | Directive): void {
  switch (statement.type) {
    case 'ImportDeclaration':
      for (const one of statement.specifiers) {
        if (one.type === 'ImportDefaultSpecifier') continue
        const name = one.type === 'ImportNamespaceSpecifier' ? '*' : nameOf(one.imported)
        scope.aliases.set(one.local.name, { file: pathFrom(scope.file, statement.source.value), name })
      }
      break
    case 'ExportNamedDeclaration':
      if (statement.declaration !== null) readStatement(scope, statement.declaration)
      else readExports(scope, statement)
      break
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      scope.types.set(statement.id.name, statement)
      break
    case 'TSModuleDeclaration':
      readNamespace(scope, statement)
      break
    case 'TSImportEqualsDeclaration':
      scope.aliases.set(statement.id.name, { names: namesOfReference(statement.moduleReference) })
      break
    case 'ClassDeclaration':
      if (statement.id !== null) scope.classes.set(statement.id.name, statement.body.body)
      break
    default:
  }
}

function readExports(scope: Scope, statement: Statement & { type: 'ExportNamedDeclaration' }): void {
  for (const { local, exported } of statement.specifiers) {
    const alias =
      statement.source === null
        ? { names: [nameOf(local)] }
        : { file: pathFrom(scope.file, statement.source.value), name: nameOf(local) }
    // At the top of a file `export { A }` says nothing new; in a namespace it brings A in from the file around it.
    const isKnown = statement.source === null && scope.parent === undefined && nameOf(local) === nameOf(exported)
    if (!isKnown) scope.aliases.set(nameOf(exported), alias)
  }
}

function readNamespace(scope: Scope, statement: Statement & { type: 'TSModuleDeclaration' }): void {
  const name = statement.id.type === 'Identifier' ? statement.id.name : ''
  const known = scope.namespaces.get(name)
  const inner = known ?? newScope(scope.file, scope, scope.name === '' ? name : `${scope.name}.${name}`)
  scope.namespaces.set(name, inner)
  for (const one of statement.body?.body ?? []) readStatement(inner, one)
}

function pathFrom(file: string, source: string): string {
  return posix.join(posix.dirname(file), source).replace(/\.js$/, '')
}

function nameOf(node: { readonly type: string; readonly name?: string; readonly value?: unknown }): string {
  return node.name ?? String(node.value)
}

/** 'A.B.C' as written in a type, an `extends`, or an `import =`. */
export function namesOf(node: TSTypeName | Expression): readonly string[] {
  if (node.type === 'Identifier') return [node.name]
  if (node.type === 'TSQualifiedName') return [...namesOf(node.left), node.right.name]
  if (node.type === 'MemberExpression' && node.property.type === 'Identifier')
    return [...namesOf(node.object as Expression), node.property.name]
  throw new Error(`${node.type} is no name`)
}

function namesOfReference(node: TSModuleReference): readonly string[] {
  return node.type === 'TSExternalModuleReference' ? [] : namesOf(node)
}

type FileOf = Declarations['fileOf']

function findUpwards(fileOf: FileOf, scope: Scope, names: readonly string[]): Declared | undefined {
  return findInside(fileOf, scope, names) ?? (scope.parent && findUpwards(fileOf, scope.parent, names))
}

/** Looks in this scope alone, and behind its imports. */
function findInside(fileOf: FileOf, scope: Scope, names: readonly string[]): Declared | undefined {
  const [head = '', ...rest] = names
  const declaration = rest.length === 0 ? scope.types.get(head) : undefined
  if (declaration !== undefined) return { declaration, scope, name: scope.name === '' ? head : `${scope.name}.${head}` }
  const namespace = rest.length > 0 ? scope.namespaces.get(head) : undefined
  const inside = namespace && findInside(fileOf, namespace, rest)
  if (inside !== undefined) return inside
  const alias = scope.aliases.get(head)
  return alias && findBehind(fileOf, scope, { alias, rest })
}

function findBehind(
  fileOf: FileOf,
  scope: Scope,
  way: { readonly alias: Alias; readonly rest: readonly string[] },
): Declared | undefined {
  const { alias, rest } = way
  if ('names' in alias) {
    // `export import A = B.C` in a namespace is looked up from the file around it.
    return findUpwards(fileOf, scope.parent ?? scope, [...alias.names, ...rest])
  }
  if (!/^(resources|shared|lib|Error|Decimal)\b/.test(alias.file)) return undefined
  return findInside(fileOf, fileOf(alias.file), alias.name === '*' ? rest : [alias.name, ...rest])
}
