/** Which documents a command is about: the same flags in lists and exports. */
import { Flags } from '@oclif/core'
import { dayFlag } from './day-flag.js'
import { commaList } from './lists.js'
import type { CreditNoteFilter } from '../views/credit-note-filter.js'
import type { DocumentFilter, InvoiceFilter } from '../views/invoice-filter.js'

const group = { helpGroup: 'CHOICE OF DOCUMENTS' }

export const documentFlags = {
  tenant: Flags.string({ description: 'subdomain or id; may be given again', multiple: true, ...group }),
  currency: Flags.string({ description: 'in this currency', ...group }),
  'issued-from': dayFlag('issued on this day or later', group),
  'issued-to': dayFlag('issued on this day or before', group),
  number: Flags.string({ description: 'a number, or what it begins with', ...group }),
}

export const invoiceFlags = {
  ...documentFlags,
  status: commaList('in one of these states, by comma', ['open', 'paid', 'void', 'uncollectible'], group),
  overdue: Flags.boolean({ description: 'open, and past the due day where the tenant is', ...group }),
}

export const creditNoteFlags = {
  ...documentFlags,
  invoice: Flags.string({ description: 'against this invoice: number or id', ...group }),
}

interface ParsedDocumentFlags {
  tenant?: string[] | undefined
  currency?: string | undefined
  'issued-from'?: string | undefined
  'issued-to'?: string | undefined
  number?: string | undefined
}

export function documentFilter(flags: ParsedDocumentFlags): DocumentFilter {
  return {
    tenants: flags.tenant ?? [],
    currency: flags.currency ?? null,
    issuedFrom: flags['issued-from'] ?? null,
    issuedTo: flags['issued-to'] ?? null,
    number: flags.number ?? null,
  }
}

export function invoiceFilter(
  flags: ParsedDocumentFlags & { status?: string[] | undefined; overdue?: boolean | undefined },
): InvoiceFilter {
  return { ...documentFilter(flags), status: flags.status ?? [], overdue: flags.overdue ?? false }
}

export function creditNoteFilter(
  flags: ParsedDocumentFlags & { invoice?: string | undefined },
): CreditNoteFilter {
  return { ...documentFilter(flags), invoice: flags.invoice ?? null }
}

/** Whether anything was asked for. */
export function isFiltered(filter: DocumentFilter): boolean {
  return Object.values(filter).some((part) =>
    Array.isArray(part) ? part.length > 0 : part !== null && part !== false,
  )
}
