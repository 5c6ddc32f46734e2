/** Company settings, taxes and agreements of one operator. This file is the example of how a route file looks. */
import { publicId } from '#kernel'
import {
  addTaxRate,
  getCompany,
  listTaxRates,
  retireTaxRate,
  saveCompany,
  type Company,
  type TaxRate,
} from '#operators'
import {
  agreementFields,
  findAgreementVersion,
  findCurrentAgreement,
  listAgreementVersions,
  publishAgreement,
  type AgreementVersion,
} from '#leases'
import { inScope } from '#platform'
import { makeOnce } from '#requests'
import { getLocation, restatePrices, todayAt } from '#spaces'
import { createRoute, z } from '@hono/zod-openapi'
import {
  idOf,
  inOperator,
  jsonAnswer,
  jsonBody,
  operatorApp,
  withMode,
  withRequestKey,
  type ApiContext,
} from './context.ts'
import { getFound, getValue } from './problems.ts'

const text = (most: number) => z.string().trim().max(most, `Use at most ${most} characters.`)

const companyFields = {
  name: text(120).min(1, 'Enter the name of your company.'),
  legalName: text(200),
  contactEmail: text(254).regex(
    /^$|^[^\s@]+@[^\s@]+$/,
    'Enter a mail address, such as name@example.com, or leave it empty.',
  ),
  phone: text(40),
  address: text(500),
  taxNumber: text(40),
  country: z.string(),
  currency: z.string(),
  timeZone: z.string(),
  locale: z.string(),
  version: z.number().int().min(1),
}

const taxRateAnswer = z.strictObject({
  id: z.string(),
  name: z.string(),
  percent: z.string(),
  treatment: z.enum(['taxable', 'zero_rated', 'exempt', 'out_of_scope', 'reverse_charge']),
  isDefault: z.boolean(),
  retiredAt: z.string().nullable(),
})

const companyAnswer = z.strictObject({
  ...companyFields,
  slug: z.string(),
  updatedAt: z.string(),
  isCurrencyFixed: z.boolean(),
})
const taxRatesAnswer = z.strictObject({ taxRates: z.array(taxRateAnswer) })

const readCompanyRoute = createRoute({
  method: 'get',
  path: '/settings/company',
  'x-permission': 'dashboard.view',
  request: { params: inOperator({}), query: withMode({}) },
  responses: { 200: jsonAnswer(companyAnswer, 'The company as it appears on invoices.') },
})

const saveCompanyRoute = createRoute({
  method: 'put',
  path: '/settings/company',
  'x-permission': 'settings.billing',
  request: { params: inOperator({}), query: withMode({}), body: jsonBody(z.strictObject(companyFields)) },
  responses: { 200: jsonAnswer(companyAnswer, 'The company after the change.') },
})

const listTaxRatesRoute = createRoute({
  method: 'get',
  path: '/settings/tax-rates',
  'x-permission': 'settings.tax',
  request: { params: inOperator({}), query: withMode({}) },
  responses: { 200: jsonAnswer(taxRatesAnswer, 'Every tax rate, retired ones included.') },
})

const newTaxRate = z.strictObject({
  name: text(40).min(1, 'Enter the name of the tax, such as GST.'),
  percent: z
    .string()
    .regex(/^(100(\.0{1,4})?|\d{1,2}(\.\d{1,4})?)$/, 'Enter a percentage from 0 to 100, such as 10 or 7.25.'),
  treatment: taxRateAnswer.shape.treatment,
})

const addTaxRateRoute = createRoute({
  method: 'post',
  path: '/settings/tax-rates',
  'x-permission': 'settings.tax',
  request: { params: inOperator({}), query: withMode({}), headers: withRequestKey, body: jsonBody(newTaxRate) },
  responses: { 200: jsonAnswer(taxRatesAnswer, 'Every tax rate; the new one is the default.') },
})

const retireTaxRateRoute = createRoute({
  method: 'post',
  path: '/settings/tax-rates/{taxRateId}/retire',
  'x-permission': 'settings.tax',
  request: { params: inOperator({ taxRateId: idOf('taxRate') }), query: withMode({}) },
  responses: { 200: jsonAnswer(taxRatesAnswer, 'Every tax rate after the change.') },
})

export function settingsRoutes({ database, hasFinalisedInvoice }: ApiContext) {
  return operatorApp()
    .openapi(readCompanyRoute, async (c) => {
      const isCurrencyFixed = await hasFinalisedInvoice(c.var.operator.id)
      const company = await inScope(database, c.var.scope, getCompany)
      return c.json(companyView(company, isCurrencyFixed), 200)
    })
    .openapi(saveCompanyRoute, async (c) => {
      const isCurrencyFixed = await hasFinalisedInvoice(c.var.operator.id)
      const change = c.req.valid('json')
      const saved = await inScope(database, c.var.scope, async (rows) => {
        const { currency: from } = await getCompany(rows)
        const company = getValue(await saveCompany(rows, change, isCurrencyFixed))
        if (company.currency !== from) getValue(await restatePrices(rows, { from, to: company.currency }))
        return company
      })
      return c.json(companyView(saved, isCurrencyFixed), 200)
    })
    .openapi(listTaxRatesRoute, async (c) => {
      const found = await inScope(database, c.var.scope, async (rows) =>
        taxRatesView(await listTaxRates(rows), await getCompany(rows)),
      )
      return c.json(found, 200)
    })
    .openapi(addTaxRateRoute, async (c) => {
      const wish = c.req.valid('json')
      const request = { operation: 'tax rate', key: c.req.valid('header')['idempotency-key'], wish }
      const found = await inScope(database, c.var.scope, async (rows) => {
        getValue(await makeOnce(rows, request, () => addTaxRate(rows, wish)))
        return taxRatesView(await listTaxRates(rows), await getCompany(rows))
      })
      return c.json(found, 200)
    })
    .openapi(retireTaxRateRoute, async (c) => {
      const { taxRateId } = c.req.valid('param')
      const found = await inScope(database, c.var.scope, async (rows) =>
        taxRatesView(getValue(getFound(await retireTaxRate(rows, taxRateId), 'tax rate')), await getCompany(rows)),
      )
      return c.json(found, 200)
    })
}

function companyView({ defaultTaxRateId: _left, updatedAt, ...company }: Company, isCurrencyFixed: boolean) {
  return { ...company, updatedAt: updatedAt.toISOString(), isCurrencyFixed }
}

function taxRatesView(taxRates: readonly TaxRate[], company: Company) {
  return {
    taxRates: taxRates.map(({ id, retiredAt, ...rate }) => ({
      ...rate,
      percent: rate.percent.replace(/\.0+$|(\.\d*?)0+$/, '$1'),
      id: publicId('taxRate', id),
      isDefault: id === company.defaultTaxRateId,
      retiredAt: retiredAt?.toISOString() ?? null,
    })),
  }
}

const versionSchema = z.strictObject({
  id: z.string(),
  version: z.number(),
  title: z.string(),
  effectiveOn: z.string(),
  publishedAt: z.string(),
})
const textSchema = versionSchema.extend({ content: z.string() })
const listSchema = z.strictObject({
  versions: z.array(versionSchema.extend({ acceptedBy: z.number() })),
  current: textSchema.optional(),
  mergeFields: z.array(z.string()),
})

const listAgreementsRoute = createRoute({
  method: 'get',
  path: '/agreements',
  'x-permission': 'lease.view',
  request: { params: inOperator({}), query: withMode({}) },
  responses: { 200: jsonAnswer(listSchema, 'Every version, the one in force today, and the fields a text may name.') },
})

const publishRoute = createRoute({
  method: 'post',
  path: '/agreements',
  'x-permission': 'agreement.edit',
  request: {
    params: inOperator({}),
    query: withMode({}),
    headers: withRequestKey,
    body: jsonBody(
      z.strictObject({ title: z.string(), content: z.string().max(50_000, 'Use at most 50,000 characters.') }),
    ),
  },
  responses: { 201: jsonAnswer(textSchema, 'The published version.') },
})

const readAgreementRoute = createRoute({
  method: 'get',
  path: '/agreements/{agreementId}',
  'x-permission': 'lease.view',
  request: { params: inOperator({ agreementId: idOf('agreement') }), query: withMode({}) },
  responses: { 200: jsonAnswer(textSchema, 'The version with its text.') },
})

export function agreementRoutes({ database }: ApiContext) {
  return operatorApp()
    .openapi(listAgreementsRoute, async (c) => {
      const list = await inScope(database, c.var.scope, async (rows) => {
        const versions = await listAgreementVersions(rows)
        const current = await findCurrentAgreement(rows, todayAt(await getLocation(rows), rows.clock))
        return {
          versions: versions.map((version) => ({ ...versionView(version), acceptedBy: version.acceptedBy })),
          ...(current && { current: textView(current) }),
          mergeFields: Object.keys(agreementFields),
        }
      })
      return c.json(list, 200)
    })
    .openapi(publishRoute, async (c) => {
      const wish = c.req.valid('json')
      const actor = c.var.person.name
      const request = { operation: 'agreement', key: c.req.valid('header')['idempotency-key'], wish }
      const published = await inScope(database, c.var.scope, async (rows) => {
        const [id] = getValue(await makeOnce(rows, request, () => publishAgreement(rows, { ...wish, actor })))
        return findAgreementVersion(rows, id)
      })
      return c.json(textView(getFound(published, 'agreement')), 201)
    })
    .openapi(readAgreementRoute, async (c) => {
      const { agreementId } = c.req.valid('param')
      const version = await inScope(database, c.var.scope, (rows) => findAgreementVersion(rows, agreementId))
      return c.json(textView(getFound(version, 'agreement')), 200)
    })
}

function versionView({ id, version, title, effectiveOn, publishedAt }: AgreementVersion) {
  return { id: publicId('agreement', id), version, title, effectiveOn, publishedAt: publishedAt.toISOString() }
}

function textView(version: AgreementVersion) {
  return { ...versionView(version), content: version.content }
}
