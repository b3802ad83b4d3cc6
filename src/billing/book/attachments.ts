/** A document as a mail carries it: rendered when the mail is sent, from the book as it is then. */
import { renderDocument } from '../documents/render.js'
import { readCreditNoteDocument, readInvoiceDocument } from './read-document.js'
import type { Context } from '../../kernel/context.js'
import type { MailAttachment } from '../../operations/mail.js'

export interface RenderedAttachment {
  /** `ERP-26-27-00001.pdf` */
  filename: string
  contentType: string
  content: Buffer
}

/** @throws not_found `invoice.not_found`, `credit_note.not_found` */
export async function renderAttachment(
  ctx: Pick<Context, 'db'>,
  { documentKind, documentId }: MailAttachment,
): Promise<RenderedAttachment> {
  const read = documentKind === 'invoice' ? readInvoiceDocument : readCreditNoteDocument
  const { body, media_type, file_name } = await renderDocument(await read(ctx, documentId), 'pdf')
  return { filename: file_name, contentType: media_type, content: Buffer.from(body) }
}
