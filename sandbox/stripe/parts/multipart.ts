/**
 * Bodies of the type multipart/form-data, in which files are uploaded. Only whole parts with a name are taken; what a part
 * holds is kept as Latin-1 text, one character per byte, so that its size can be judged.
 */
import { refuse } from '../errors.ts'
import { emptyGroup, parseForm } from '../protocol/form.ts'
import type { FormGroup, FormValue } from '../protocol/form.ts'
import type { Parameter } from '../protocol/parameters.ts'

export interface Upload {
  readonly filename: string
  /** One character per byte. */
  readonly contents: string
}

/** Groups that came as a file, so that the parameters `file[filename]=…` of a plain form are no upload. */
const uploads = new WeakMap<FormGroup, Upload>()

/** Throws StripeRefusal for a body that does not follow its boundary. */
export function parseMultipart(body: Buffer, contentType: string): FormGroup {
  const [, quoted, plain] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? []
  const boundary = quoted ?? plain
  const parts = boundary === undefined ? [] : `\r\n${body.toString('latin1')}`.split(`\r\n--${boundary}`).slice(1)
  if (boundary === undefined || parts.at(-1)?.startsWith('--') !== true)
    throw refuse('Invalid request: the multipart body could not be read.')
  const form = emptyGroup()
  const fields = new URLSearchParams()
  for (const part of parts.slice(0, -1)) {
    const { name, filename, contents } = readPart(part)
    if (filename === undefined) fields.append(name, Buffer.from(contents, 'latin1').toString('utf8'))
    else form[name] = asUpload({ filename, contents })
  }
  return Object.assign(emptyGroup(), parseForm(fields.toString()), form)
}

function readPart(part: string): { name: string; filename: string | undefined; contents: string } {
  const end = part.indexOf('\r\n\r\n')
  const header = Buffer.from(part.slice(0, Math.max(end, 0)), 'latin1').toString('utf8')
  const disposition = /^content-disposition:\s*form-data;(.*)$/im.exec(header)?.[1]
  const name = disposition === undefined ? undefined : /(?:^|;)\s*name="([^"]*)"/i.exec(disposition)?.[1]
  if (end === -1 || name === undefined) throw refuse('Invalid request: the multipart body has a part without a name.')
  const filename = /(?:^|;)\s*filename="([^"]*)"/i.exec(disposition ?? '')?.[1]
  return { name, filename, contents: part.slice(end + 4) }
}

/** The group's own fields make the upload part of what an idempotency key stands for. */
function asUpload(upload: Upload): FormValue {
  const group = Object.assign(emptyGroup(), upload) as FormGroup
  uploads.set(group, upload)
  return group
}

/** A file as a parameter. */
export function uploadedFile(): Parameter<Upload> {
  return {
    isRequired: false,
    read(value, path) {
      const upload = typeof value === 'object' && !Array.isArray(value) ? uploads.get(value) : undefined
      if (upload !== undefined) return upload
      throw refuse('Invalid file: must be uploaded in a request of the type multipart/form-data.', { param: path })
    },
  }
}
