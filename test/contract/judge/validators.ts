/**
 * Compiles the contract's schemas with ajv, each when the first data reaches it: a whole API is large and a run touches a
 * small part of it. A union is judged by the branch the data means (by `object`, `type` or `deleted`), so that a fault gives one
 * finding at its own place instead of one for each branch.
 */
import { Ajv } from 'ajv'
import type { DataValidateFunction, DataValidationCxt, ValidateFunction } from 'ajv/dist/types/index.js'
import { nameOfReference } from '../derive/schemas.ts'
import type { Schema } from '../derive/schemas.ts'
import { idPrefixes, isDecimal } from './tables.ts'

/** One fault at one place of a body; `path` as '/data/0/amount'. */
export type Fault = {
  readonly path: string
  readonly problem: string
  /** The component the place belongs to, such as 'Refund', and the field that is too many or too few. */
  readonly component: string
  readonly field?: string
}

/** 'partial' is for `previous_attributes`: fields may be missing at every depth, and be null. */
type Mode = 'whole' | 'partial'

type Alternatives = { readonly plain: readonly Schema[]; readonly objects: readonly Schema[] }

/** What one judgement saw besides faults. */
export type Sight = { readonly expanded: string[] }

type Context = { readonly mode: Mode; readonly component: string; readonly field: string }

export class Validators {
  readonly #components: Readonly<Record<string, Schema>>
  readonly #ajv = new Ajv({ allErrors: true, strict: false, inlineRefs: false, validateSchema: false })
  readonly #compiled = new Map<string, ValidateFunction>()
  #sight: Sight = { expanded: [] }

  constructor(components: Readonly<Record<string, Schema>>) {
    this.#components = components
    this.#ajv.addKeyword({
      keyword: 'alternatives',
      errors: 'full',
      compile: (value: { among: Alternatives; context: Context }) => this.#compileAlternatives(value),
    })
  }

  /** @param schema of the contract. @returns every fault, and in `sight` what was expanded on the way. */
  check(schema: Schema, data: unknown, sight: Sight = { expanded: [] }): readonly Fault[] {
    const before = this.#sight
    this.#sight = sight
    try {
      const validate = this.#compile(schema, { mode: 'whole', component: '', field: '' })
      return validate(data) === true ? [] : toFaults(validate, '', this.resolve(schema).component)
    } finally {
      this.#sight = before
    }
  }

  /** A reference is followed until it is no mere name of something else. */
  resolve(schema: Schema): { readonly schema: Schema; readonly component: string } {
    let component = ''
    let current = schema
    while (current.$ref !== undefined) {
      component = nameOfReference(current.$ref)
      current = this.#components[component] ?? {}
    }
    return { schema: current, component }
  }

  #compile(schema: Schema, context: Context): ValidateFunction {
    const key = `${context.mode} ${context.component} ${context.field} ${schema.$ref ?? JSON.stringify(schema)}`
    const known = this.#compiled.get(key)
    if (known !== undefined) return known
    const { schema: resolved, component } = this.resolve(schema)
    const inner = component === '' ? context : { ...context, component }
    const validate = this.#ajv.compile(this.#translate(resolved, inner, true))
    this.#compiled.set(key, validate)
    return validate
  }

  /** From the contract's words to ajv's. Objects stay where they are found; every union and reference becomes a keyword. */
  #translate(schema: Schema, context: Context, isRoot = false): object {
    if (schema['x-partial'] !== undefined)
      return this.#translate(schema['x-partial'], { ...context, mode: 'partial' }, false)
    if (schema.$ref !== undefined || schema.anyOf !== undefined) {
      return { alternatives: { among: this.#flatten(schema), context } }
    }
    if (schema.type === 'object' && isRoot) return this.#translateObject(schema, context)
    if (schema.type === 'object') return { alternatives: { among: { plain: [], objects: [schema] }, context } }
    if (schema.type === 'array')
      return { type: 'array', ...(schema.items && { items: this.#translate(schema.items, context) }) }
    if (schema.type === 'number' && !isDecimal(context.field)) return { type: 'integer' }
    return schema
  }

  #translateObject(schema: Schema, context: Context): object {
    const kind = schema.properties?.['object']?.const
    const idPrefix = typeof kind === 'string' ? idPrefixes[kind] : undefined
    const properties: Record<string, object> = {}
    for (const [field, one] of Object.entries(schema.properties ?? {})) {
      const isId = field === 'id' && one.type === 'string' && idPrefix !== undefined
      const inner = { ...context, field }
      const translated = (): object => this.#translate(context.mode === 'whole' ? one : orNull(one), inner)
      properties[field] = isId ? { type: 'string', pattern: `^(?:${idPrefix})` } : translated()
    }
    const rest = schema.additionalProperties ?? true
    return {
      type: 'object',
      properties,
      required: context.mode === 'whole' ? schema.required : [],
      additionalProperties:
        typeof rest === 'boolean'
          ? rest
          : this.#translate(context.mode === 'whole' ? rest : orNull(rest), { ...context, field: '' }),
    }
  }

  /** Names of names and unions of unions become one list; an id keeps the beginning of what it stands for. */
  #flatten(schema: Schema): Alternatives {
    const plain: Schema[] = []
    const objects: Schema[] = []
    const visit = (one: Schema): void => {
      const { schema: resolved } = this.resolve(one)
      if (resolved.anyOf !== undefined) resolved.anyOf.forEach(visit)
      else if (resolved.type === 'object' || resolved['x-partial'] !== undefined) objects.push(one)
      else plain.push(resolved)
    }
    visit(schema)
    const prefixes = objects.map((one) => (this.#hasId(one) ? idPrefixes[String(this.#kindOf(one))] : undefined))
    if (objects.length === 0 || prefixes.includes(undefined)) return { plain, objects }
    const pattern = `^(?:${[...new Set(prefixes)].join('|')})`
    return { plain: plain.map((one) => (one.type === 'string' ? ({ ...one, pattern } as Schema) : one)), objects }
  }

  #kindOf(schema: Schema): unknown {
    return this.resolve(schema).schema.properties?.['object']?.const
  }

  /** A parameter may look like an object without being one: then a text beside it is no id of it. */
  #hasId(schema: Schema): boolean {
    return this.resolve(schema).schema.properties?.['id'] !== undefined
  }

  #compileAlternatives(value: { among: Alternatives; context: Context }): DataValidateFunction {
    const { among, context } = value
    const isExpandable =
      among.plain.some((one) => one.type === 'string') && among.objects.some((one) => this.#kindOf(one))
    const plain = among.plain.map((one) => ({ one, validate: undefined as ValidateFunction | undefined }))
    const validate: DataValidateFunction = (data: unknown, place?: DataValidationCxt) => {
      const path = place?.instancePath ?? ''
      if (typeof data === 'object' && data !== null && !Array.isArray(data) && among.objects.length > 0) {
        if (isExpandable) this.#sight.expanded.push(path)
        const faults = this.#checkObject(among.objects, data as Record<string, unknown>, { path, context })
        validate.errors = faults.map(toError)
        return faults.length === 0
      }
      for (const choice of plain) {
        choice.validate ??= this.#compile(choice.one, context)
        if (choice.validate(data) === true) return true
      }
      const [only] = plain
      const isDeep = plain.length === 1 && Array.isArray(data)
      const faults = isDeep && only?.validate !== undefined ? toFaults(only.validate, path, context.component) : []
      const problem = `must be ${describe(among)}, and is ${JSON.stringify(data)?.slice(0, 80)}`
      validate.errors = (faults.length > 0 ? faults : [{ path, problem, component: context.component }]).map(toError)
      return false
    }
    return validate
  }

  #checkObject(
    objects: readonly Schema[],
    data: Record<string, unknown>,
    at: { readonly path: string; readonly context: Context },
  ): readonly Fault[] {
    const meant = objects.filter((one) => this.#isMeant(one, data, at.context.mode))
    if (meant.length === 0) {
      const kinds = objects.map((one) => this.resolve(one).component)
      const given = data['object'] ?? data['type'] ?? Object.keys(data).join(', ')
      return [
        {
          path: at.path,
          problem: `must be ${kinds.join(' or ')}, and is ${JSON.stringify(given)}`,
          component: at.context.component,
        },
      ]
    }
    let best: readonly Fault[] | undefined
    for (const one of meant) {
      const length = this.#sight.expanded.length
      const faults = this.#checkOne(one, data, at)
      if (faults.length === 0) return []
      if (best === undefined || faults.length < best.length) best = faults
      if (meant.length > 1) this.#sight.expanded.length = length
    }
    return best ?? []
  }

  #checkOne(schema: Schema, data: object, at: { readonly path: string; readonly context: Context }): readonly Fault[] {
    const partial = schema['x-partial']
    const context: Context = partial === undefined ? at.context : { ...at.context, mode: 'partial' }
    const { component } = this.resolve(partial ?? schema)
    const validate = this.#compile(partial ?? schema, component === '' ? context : { ...context, component, field: '' })
    const length = this.#sight.expanded.length
    const isValid = validate(data)
    for (let place = length; place < this.#sight.expanded.length; place += 1)
      this.#sight.expanded[place] = at.path + this.#sight.expanded[place]
    return isValid === true ? [] : toFaults(validate, at.path, component || context.component)
  }

  /** The literals of an object say which branch of a union it is. */
  #isMeant(schema: Schema, data: Record<string, unknown>, mode: Mode): boolean {
    const { schema: resolved } = this.resolve(schema)
    return ['object', 'deleted', 'type'].every((field) => {
      const wanted = resolved.properties?.[field]
      if (mode === 'partial' && data[field] == null) return true
      if (wanted === undefined || !('const' in wanted)) return !(field === 'deleted' && data['deleted'] === true)
      return data[field] === wanted.const
    })
  }
}

function orNull(schema: Schema): Schema {
  return { anyOf: [{ type: 'null' }, schema] }
}

function describe({ plain, objects }: Alternatives): string {
  const words = plain.flatMap((one) => {
    if (one.enum !== undefined) return one.enum.map((value) => JSON.stringify(value))
    if ('const' in one) return [JSON.stringify(one.const)]
    const pattern = (one as { pattern?: string }).pattern
    return [pattern === undefined ? (one.type ?? 'anything') : `an id like ${pattern}`]
  })
  const shown = words.length > 12 ? [...words.slice(0, 12), '…'] : words
  return [...shown, ...objects.map((one) => (one.$ref === undefined ? 'object' : nameOfReference(one.$ref)))].join(
    ' | ',
  )
}

/** Faults travel through ajv as its errors. */
function toError(fault: Fault): { instancePath: string; keyword: string; message: string; params: { fault: Fault } } {
  return { instancePath: fault.path, keyword: 'fault', message: fault.problem, params: { fault } }
}

function toFaults(validate: ValidateFunction, path: string, component: string): readonly Fault[] {
  const errors = (validate.errors ?? []).filter(({ keyword }) => keyword !== 'alternatives')
  return errors.map(({ instancePath, keyword, message = '', params }): Fault => {
    const carried = (params as { fault?: Fault }).fault
    if (carried !== undefined) return { ...carried, path: path + carried.path }
    const place = path + instancePath
    if (keyword === 'additionalProperties') {
      const field = String(params['additionalProperty'])
      return { path: `${place}/${field}`, problem: 'is a field the contract does not know', component, field }
    }
    if (keyword === 'required') {
      const field = String(params['missingProperty'])
      return { path: `${place}/${field}`, problem: 'is missing', component, field }
    }
    const allowed = (params['allowedValues'] ?? params['allowedValue']) as unknown
    const listed = allowed === undefined ? '' : `: ${JSON.stringify(allowed).slice(0, 200)}`
    return { path: place, problem: `${message}${listed}`, component }
  })
}
