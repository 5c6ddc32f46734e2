import type Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { refusalOf, startBench } from '../test-bench.ts'
import type { Bench } from '../test-bench.ts'

let bench: Bench
let stripe: Stripe
const pdf = Buffer.from('%PDF-1.7\r\n\r\n--not-the-boundary\r\n')

beforeAll(async () => {
  bench = await startBench()
  stripe = bench.sdk('Keystone')
})

afterAll(() => bench.close())

function upload(data: Buffer, purpose: Stripe.FileCreateParams.Purpose = 'dispute_evidence'): Promise<Stripe.File> {
  return stripe.files.create({ purpose, file: { data, name: 'lease é.pdf', type: 'application/pdf' } })
}

describe('SBX-45: evidence files', () => {
  test('are uploaded by the SDK, listed, retrieved and named as evidence', async () => {
    const file = await upload(pdf)
    const listed = await stripe.files.list({ purpose: 'dispute_evidence' })
    const intent = await stripe.paymentIntents.create({
      amount: 10_000,
      currency: 'usd',
      payment_method: 'pm_card_createDispute',
      confirm: true,
      return_url: 'https://example.com',
    })
    const [dispute] = (await stripe.disputes.list({ payment_intent: intent.id })).data
    const updated = await stripe.disputes.update(String(dispute?.id), {
      evidence: { receipt: file.id },
      expand: ['evidence.receipt'],
    })

    expect(file).toMatchObject({
      object: 'file',
      filename: 'lease é.pdf',
      purpose: 'dispute_evidence',
      size: pdf.length,
      type: 'pdf',
    })
    expect(listed.data[0]?.id).toBe(file.id)
    await expect(stripe.files.retrieve(file.id)).resolves.toMatchObject({ id: file.id })
    expect(updated.evidence.receipt).toMatchObject({ id: file.id, object: 'file' })
    await expect(refusalOf(bench.sdk('Harbour').files.retrieve(file.id))).resolves.toMatchObject({ statusCode: 404 })
  })

  test('five megabytes are taken, one byte more is not', async () => {
    const most = Buffer.alloc(5 * 1_048_576, 0)
    pdf.copy(most)
    const taken = await upload(most)
    const refusal = await refusalOf(upload(Buffer.concat([most, Buffer.from('.')])))

    expect(taken.size).toBe(most.length)
    expect(refusal).toMatchObject({ statusCode: 400, param: 'file' })
  })

  test('an empty file, one of another kind and one for another purpose are refused', async () => {
    const refusals = await Promise.all([
      refusalOf(upload(Buffer.alloc(0))),
      refusalOf(upload(Buffer.from('MZ executable'))),
      refusalOf(upload(pdf, 'identity_document')),
    ])

    expect(refusals.map(({ code, param }) => [code, param])).toStrictEqual([
      [undefined, 'file'],
      [undefined, 'file'],
      ['sandbox_not_supported', 'purpose'],
    ])
  })

  test('a form cannot pretend to be an upload, and a broken body is refused', async () => {
    const secret = bench.keys('Keystone').secret
    const form = await bench.raw('/v1/files', {
      method: 'POST',
      key: secret,
      body: 'purpose=dispute_evidence&file[filename]=a.pdf&file[contents]=%25PDF-',
    })
    const broken = await bench.raw('/v1/files', {
      method: 'POST',
      key: secret,
      body: '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    })
    const elsewhere = await bench.raw('/v1/customers', {
      method: 'POST',
      key: secret,
      body: '--x--',
      headers: { 'content-type': 'multipart/form-data; boundary=x' },
    })

    expect([form.status, form.body.error.param]).toStrictEqual([400, 'file'])
    expect(broken.status).toBe(400)
    expect(elsewhere.status).toBe(400)
  })
})
