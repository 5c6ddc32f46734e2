import { expect, test } from 'vitest'
import { inScope } from '#platform'
import { eachDatabase } from '#test/databases'
import { codeOf, valueOf } from '#test/rental'
import { agreementFields, judgeAgreement, renderAgreement, type AgreementValues } from './agreement.ts'
import { publishAgreement } from './publish-agreement.ts'
import { findCurrentAgreement, listAgreementVersions } from './store.ts'

const values = Object.fromEntries(Object.keys(agreementFields).map((name) => [name, `<${name}>`])) as AgreementValues

test('BIL-10: every field of the list is filled in, with or without spaces inside the braces', () => {
  const text = Object.keys(agreementFields).map((name, at) => (at % 2 === 0 ? `{{${name}}}` : `{{ ${name} }}`))
  expect(judgeAgreement(text.join(' ')).ok).toBe(true)
  expect(renderAgreement(text.join(' '), values)).toBe(Object.values(values).join(' '))
})

test('BIL-10: an unknown field is named, and an empty text is refused', () => {
  const unknown = judgeAgreement('Dear {{renter.name}}, pay {{renter.iban}}.')
  expect(unknown).toMatchObject({ refusal: { code: 'agreement_field_unknown', field: '/content' } })
  expect(JSON.stringify(unknown)).toContain('{{renter.iban}}')
  expect([judgeAgreement(''), judgeAgreement('  \n')].map(codeOf)).toEqual(['agreement_empty', 'agreement_empty'])
})

test.each([
  ['Dear {{renter.name}, you rent {{space.number}}.', 'Dear {{renter.name}, you rent'],
  ['Dear {renter.name}}, you rent.', 'Dear {renter.name}}, you rent.'],
  ['You rent {{space.number', 'You rent {{space.number'],
  ['{{{{rent}}', '{{{{rent}}'],
])('BIL-10: %s is not published with its braces, and the place is shown', (content, place) => {
  expect(judgeAgreement(content)).toMatchObject({
    refusal: { code: 'agreement_braces_open', field: '/content', problem: { cause: expect.stringContaining(place) } },
  })
})

test('BIL-10: single braces are no field and stay as they are', () => {
  expect(judgeAgreement('Keys {2} and {3}, see {{space.number}}.').ok).toBe(true)
})

eachDatabase('publishing an agreement', {}, (ground) => {
  test('BIL-10: a change is the next version, in force from today, and the earlier one stays as it was', async () => {
    const { scope } = await ground().makeOperator()
    const publish = (content: string) =>
      inScope(ground().database, scope, (rows) =>
        publishAgreement(rows, { title: 'House rules', content, actor: 'test' }),
      )

    const both = await Promise.all([publish('One {{space.number}}'), publish('Two')])
    const refused = await publish('{{nothing}}')

    expect(
      both
        .map(valueOf)
        .map(({ version }) => version)
        .toSorted(),
    ).toEqual([2, 3])
    expect(codeOf(refused)).toBe('agreement_field_unknown')
    const listed = await inScope(ground().database, scope, listAgreementVersions)
    expect(listed.map(({ version, acceptedBy }) => [version, acceptedBy])).toEqual([
      [3, 0],
      [2, 0],
      [1, 0],
    ])
    const current = await inScope(ground().database, scope, (rows) => findCurrentAgreement(rows, '2999-01-01'))
    expect(current?.version).toBe(3)
  })
})
