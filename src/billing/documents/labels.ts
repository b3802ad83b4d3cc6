/** Reads what a version of the template says in a language, and how its pages are drawn. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { packageRoot } from '../../kernel/package-root.js'
import type { BillingDocument, DocumentKind, TaxHead } from '../document.js'

export type Language = BillingDocument['language']
export type Title = 'tax_invoice' | 'invoice' | 'credit_note'
type Gender = 'masculine' | 'feminine' | 'neuter'

/** Forms of a unit's name: one and many; in Ukrainian one, few (2 to 4) and many. */
export interface CurrencyWords {
  major: string[]
  minor?: string[]
  major_gender?: Gender
  minor_gender?: Gender
}

/** `templates/invoice/<version>/labels/<language>.json`. Words in braces are filled in. */
export interface Labels {
  /** BCP 47, for the reader's language of the page. */
  locale: string
  months: string[]
  titles: Record<Title, string>
  /** The English titles, where the others are not English. */
  subtitles: Record<Title, string> | null
  original_copy: string
  bill_to: string
  credit_to: string
  number: Record<DocumentKind, string>
  date: string
  due_date: string
  original: string
  original_date: string
  place_of_supply: string
  country_of_destination: string
  reverse_charge: string
  yes: string
  no: string
  currency: string
  state: string
  state_code: string
  country: string
  gstin: string
  vat_id: string
  email: string
  unregistered: string
  columns: Record<'position' | 'description' | 'sac' | 'taxable' | 'total', string>
  heads: Record<TaxHead, string>
  totals: {
    taxable: string
    total: Record<DocumentKind, string>
    credit_applied: string
    due: string
    /** What came in since the issue: payments, what settles beside money (tax withheld, rounding), credit notes. */
    paid: string
    settled: string
    credited: string
    open: string
  }
  words: string
  lut: string
  payment_details: string
  exchange: string
  total_in: string
  reason: string
  commercial: string
  void: string
  void_reason: string
  pay: string
  no_signature: string
  page: string
  and: string
  only: string
  minus: string
  currencies: Record<string, CurrencyWords>
}

/** `templates/invoice/<version>/pdf.json`; lengths in points, `leading` times the size of the letters. */
export interface PdfStyle {
  page: { size: string; margin: number; footer: number }
  colours: Record<'ink' | 'paper' | 'muted' | 'accent' | 'rule' | 'band' | 'void', string>
  sizes: Record<'title' | 'supplier' | 'name' | 'body' | 'table' | 'small', number>
  leading: number
  /** Widths; `padding` beside a cell's text, `gap` above and below it. */
  columns: Record<'position' | 'sac' | 'description_min' | 'padding' | 'gap', number>
}

const read = new Map<string, Promise<unknown>>()

export function templateFolder(version: BillingDocument['template']): string {
  return path.join(packageRoot(), 'templates', 'invoice', version)
}

export function readLabels(version: BillingDocument['template'], language: Language): Promise<Labels> {
  return readOnce<Labels>(path.join(templateFolder(version), 'labels', `${language}.json`))
}

export function readPdfStyle(version: BillingDocument['template']): Promise<PdfStyle> {
  return readOnce<PdfStyle>(path.join(templateFolder(version), 'pdf.json'))
}

/** `Page {page} of {pages}` with its words filled in. */
export function fill(pattern: string, words: Record<string, string | number>): string {
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => String(words[name] ?? whole))
}

function readOnce<T>(file: string): Promise<T> {
  const known = read.get(file) ?? readFile(file, 'utf8').then((text) => JSON.parse(text) as unknown)
  read.set(file, known)
  return known as Promise<T>
}
