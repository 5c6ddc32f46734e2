/**
 * Uploaded files. Only evidence for disputes has a use here, so every other purpose is refused by name. Files are told
 * apart by their first bytes, as the name a browser sends proves nothing.
 */
import type Stripe from 'stripe'
import { notSupported, refuse } from '../errors.ts'
import { longestEvidenceFile } from '../facts.ts'
import { getByPath } from '../parts/reference.ts'
import { listPage, pagination } from '../protocol/lists.ts'
import { uploadedFile } from '../parts/multipart.ts'
import type { Upload } from '../parts/multipart.ts'
import { operation, shown } from '../protocol/operation.ts'
import type { ObjectModule } from '../protocol/operation.ts'
import { isWithin, oneOf, range, required } from '../protocol/parameters.ts'

const writable = [
  'account_requirement',
  'additional_verification',
  'business_icon',
  'business_logo',
  'customer_signature',
  'dispute_evidence',
  'identity_document',
  'issuing_regulatory_reporting',
  'pci_document',
  'platform_terms_of_service',
  'tax_document_user_upload',
  'terminal_android_apk',
  'terminal_reader_splashscreen',
  'terminal_wifi_certificate',
  'terminal_wifi_private_key',
] as const

const madeByStripe = [
  'document_provider_identity_document',
  'finance_report_run',
  'financial_account_statement',
  'identity_document_downloadable',
  'selfie',
  'sigma_scheduled_query',
] as const

const signatures = [
  ['pdf', '%PDF-'],
  ['png', '\x89PNG\r\n\x1a\n'],
  ['jpg', '\xff\xd8\xff'],
] as const

/** Throws StripeRefusal for a file that is empty, too large, or of a kind banks do not take. */
function checkFile({ contents }: Upload): string {
  if (contents.length === 0) throw refuse('The file you uploaded is empty.', { param: 'file' })
  if (contents.length > longestEvidenceFile) {
    const message = `The file you uploaded is too large. The maximum size for the purpose dispute_evidence is ${longestEvidenceFile / 1_048_576} MB.`
    throw refuse(message, { param: 'file' })
  }
  const [type] = signatures.find(([, start]) => contents.startsWith(start)) ?? []
  if (type !== undefined) return type
  throw refuse('Invalid file type. Files for the purpose dispute_evidence must be a PDF, JPEG or PNG.', {
    param: 'file',
  })
}

export const files: ObjectModule = {
  prefixes: { file: 'file' },
  operations: [
    operation({
      method: 'POST',
      path: '/v1/files',
      permission: 'file_write',
      parameters: { file: required(uploadedFile()), purpose: required(oneOf(...writable)) },
      unsupported: ['file_link_data'],
      run(call) {
        const { file, purpose } = call.params
        if (purpose !== 'dispute_evidence') throw notSupported(`files of the purpose ${purpose}`, 'purpose')
        const type = checkFile(file)
        const { world } = call
        const id = world.ids.id('file')
        const object: Stripe.File = {
          id,
          object: 'file',
          created: world.nowSeconds(),
          expires_at: null,
          filename: file.filename,
          links: { object: 'list', data: [], has_more: false, url: `/v1/file_links?file=${id}` },
          purpose,
          size: file.contents.length,
          title: null,
          type,
          url: `${world.publicUrl}/v1/files/${id}/contents`,
        }
        return shown(call.space.insert('file', id, { object, hidden: {} }))
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/files',
      permission: 'file_read',
      parameters: { ...pagination, created: range(), purpose: oneOf(...writable, ...madeByStripe) },
      run(call) {
        const { created, purpose } = call.params
        return listPage(call, {
          kind: 'file',
          url: '/v1/files',
          where: ({ object }) =>
            isWithin(object.created, created) && (purpose === undefined || object.purpose === purpose),
        })
      },
    }),
    operation({
      method: 'GET',
      path: '/v1/files/:id',
      permission: 'file_read',
      parameters: {},
      run: (call) => shown(getByPath(call, 'file')),
    }),
  ],
}
