/** Company settings, taxes and billing rules of one operator. This file is the example of how a route file looks. */
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
import { inScope } from '#platform'
import { saveBillingRules } from '#spaces'
import { createRoute, z } from '@hono/zod-openapi'
import { idOf, inOperator, jsonAnswer, jsonBody, operatorApp, withMode, type ApiContext } from './context.ts'
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
  request: { params: inOperator({}), query: withMode({}), body: jsonBody(newTaxRate) },
  responses: { 200: jsonAnswer(taxRatesAnswer, 'Every tax rate; the new one is the default.') },
})

const retireTaxRateRoute = createRoute({
  method: 'post',
  path: '/settings/tax-rates/{taxRateId}/retire',
  'x-permission': 'settings.tax',
  request: { params: inOperator({ taxRateId: idOf('taxRate') }), query: withMode({}) },
  responses: { 200: jsonAnswer(taxRatesAnswer, 'Every tax rate after the change.') },
})

export const rulesFields = {
  preset: z.enum(['storage', 'coworking'], 'Choose what you rent out.'),
  /** 31 is the last day of each month; null counts from the first day of the lease. */
  anchorDay: z.number().nullable(),
}
const saveRulesRoute = createRoute({
  method: 'put',
  path: '/settings/billing-rules',
  'x-permission': 'settings.billing',
  request: { params: inOperator({}), query: withMode({}), body: jsonBody(z.strictObject(rulesFields)) },
  responses: { 200: jsonAnswer(z.strictObject(rulesFields), 'The rules new leases are checked out with.') },
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
      const saved = await inScope(database, c.var.scope, (rows) => saveCompany(rows, change, isCurrencyFixed))
      return c.json(companyView(getValue(saved), isCurrencyFixed), 200)
    })
    .openapi(listTaxRatesRoute, async (c) => {
      const found = await inScope(database, c.var.scope, async (rows) =>
        taxRatesView(await listTaxRates(rows), await getCompany(rows)),
      )
      return c.json(found, 200)
    })
    .openapi(addTaxRateRoute, async (c) => {
      const found = await inScope(database, c.var.scope, async (rows) =>
        taxRatesView(getValue(await addTaxRate(rows, c.req.valid('json'))), await getCompany(rows)),
      )
      return c.json(found, 200)
    })
    .openapi(saveRulesRoute, async (c) => {
      const wish = { ...c.req.valid('json'), actor: c.var.person.name }
      const saved = await inScope(database, c.var.scope, async (rows) => getValue(await saveBillingRules(rows, wish)))
      return c.json(saved, 200)
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
