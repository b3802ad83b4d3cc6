/** Documents of the book as files: one each in a folder, one alone, or as many as a table or a JSON array holds. */
import path from 'node:path'
import { readCreditNoteDocument, readInvoiceDocument } from '../billing/book/read-document.js'
import { renderDocument, type DocumentFormat } from '../billing/documents/render.js'
import { translated } from '../database/sql-errors.js'
import { ErpmaxError, messageOf } from '../kernel/errors.js'
import { isFolder, makeFolder, OutputFile } from '../kernel/output-file.js'
import type { Context } from '../kernel/context.js'
import type { DocumentKind } from '../billing/document.js'

export interface ExportInput {
  kind: DocumentKind
  documents: readonly { id: string; number: string }[]
  format: DocumentFormat
  /** A file, or a folder; null: `write` gets the bytes. */
  output: string | null
  /** Replaces files that are there. */
  force: boolean
  write(bytes: Uint8Array): void
}

export interface ExportedDocument {
  number: string
  ok: boolean
  /** Null where it went to stdout, or nowhere. */
  file: string | null
  bytes: number
  error: { code: string; message: string; hint: string | null } | null
}

/** These hold several documents. */
const gathering: readonly DocumentFormat[] = ['csv', 'json']

/**
 * What fails of one document among several is its outcome, and the others are written.
 * @throws usage `export.folder_needed`; conflict `output.file_exists`, `einvoice.not_applicable` of a single document
 */
export async function* exportDocuments(
  ctx: Context,
  input: ExportInput,
): AsyncGenerator<ExportedDocument, void, void> {
  const { documents, format, output } = input
  if (output !== null && (await isFolder(output))) {
    yield* toFolder(ctx, input, await makeFolder(output))
    return
  }
  if (documents.length > 1 && !gathering.includes(format)) {
    throw new ErpmaxError(
      'usage',
      'export.folder_needed',
      `${documents.length} documents as ${format} need a folder`,
      { hint: '--output documents/', details: { documents: documents.length, format } },
    )
  }
  if (output === null) yield* inOne(ctx, input, null, (bytes) => Promise.resolve(input.write(bytes)))
  else if (documents.length > 0) {
    const file = await OutputFile.create(output, input.force)
    try {
      yield* inOne(ctx, input, output, (bytes) => file.write(bytes))
      await file.publish()
    } finally {
      await file.discard()
    }
  }
}

async function* toFolder(
  ctx: Context,
  input: ExportInput,
  folder: string,
): AsyncGenerator<ExportedDocument, void, void> {
  for (const [index, { id, number }] of input.documents.entries()) {
    goOn(ctx, index, input.documents.length)
    try {
      const { body, file_name } = await rendered(ctx, input, id)
      const file = path.join(folder, file_name)
      await writeWhole(file, body, input.force)
      yield { number, ok: true, file, bytes: body.length, error: null }
    } catch (thrown) {
      yield failed(number, thrown, input.documents.length)
    }
  }
}

/** One after the other into the same place, as a table with one heading or as an array. */
async function* inOne(
  ctx: Context,
  input: ExportInput,
  file: string | null,
  write: (bytes: Uint8Array) => Promise<void>,
): AsyncGenerator<ExportedDocument, void, void> {
  const { documents, format } = input
  const several = documents.length > 1
  if (several && format === 'json') await write(Buffer.from('[\n'))
  for (const [index, { id, number }] of documents.entries()) {
    goOn(ctx, index, documents.length)
    const { body } = await rendered(ctx, input, id)
    const piece = several ? joined(Buffer.from(body).toString('utf8'), format, index) : body
    await write(piece)
    yield { number, ok: true, file, bytes: piece.length, error: null }
  }
  if (several && format === 'json') await write(Buffer.from('\n]\n'))
}

function joined(text: string, format: DocumentFormat, index: number): Uint8Array {
  if (format === 'json') return Buffer.from(`${index > 0 ? ',\n' : ''}${text.trimEnd()}`)
  return Buffer.from(index > 0 ? text.slice(text.indexOf('\r\n') + 2) : text)
}

async function rendered(ctx: Context, { kind, format }: ExportInput, id: string) {
  const read = kind === 'invoice' ? readInvoiceDocument : readCreditNoteDocument
  return renderDocument(await read(ctx, id), format)
}

async function writeWhole(path: string, body: Uint8Array, force: boolean): Promise<void> {
  const file = await OutputFile.create(path, force)
  try {
    await file.write(body)
    await file.publish()
  } finally {
    await file.discard()
  }
}

function goOn({ signal }: Context, done: number, total: number): void {
  if (!signal.aborted) return
  throw new ErpmaxError('interrupted', 'interrupted', `Interrupted after ${done} of ${total} documents`, {
    hint: 'The same command again, with --force, writes them all',
    details: { done, total },
  })
}

/** @throws what fails of a single document, and what would fail of the others too */
function failed(number: string, thrown: unknown, documents: number): ExportedDocument {
  const error = translated(thrown)
  if (documents === 1 || !(error instanceof ErpmaxError) || error.kind !== 'conflict') throw error
  const { code, hint = null } = error
  return { number, ok: false, file: null, bytes: 0, error: { code, message: messageOf(error), hint } }
}
