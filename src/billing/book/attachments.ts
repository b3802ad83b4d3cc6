/** A document as a mail carries it: rendered when the mail is sent, from the book as it is then. */
import { ErpmaxError } from '../../kernel/errors.js'
import { isUuid } from '../../kernel/ids.js'
import { renderDocument } from '../documents/render.js'
import { readCreditNoteDocument, readInvoiceDocument } from './read-document.js'
import type { Context } from '../../kernel/context.js'
import type { MailFile } from '../../kernel/mailer.js'
import type { MailAttachment } from '../../operations/mail.js'

/** As PDF, `ERP-26-27-00001.pdf`; null where there is no document of this kind and id. */
export async function findAttachment(
  ctx: Pick<Context, 'db'>,
  { documentKind, documentId }: MailAttachment,
): Promise<MailFile | null> {
  if (!isUuid(documentId)) return null
  const read = documentKind === 'invoice' ? readInvoiceDocument : readCreditNoteDocument
  try {
    const { body, media_type, file_name } = await renderDocument(await read(ctx, documentId), 'pdf')
    return { name: file_name, mediaType: media_type, content: Buffer.from(body) }
  } catch (error) {
    if (error instanceof ErpmaxError && error.kind === 'not_found') return null
    throw error
  }
}
