/**
 * The e-invoice as the Indian portal takes it (INV-01, schema 1.1), in rupees: a draft, since only the portal registers it.
 * The IRN is computed as the portal computes it, so that it can be compared with the one that comes back.
 */
import { createHash } from 'node:crypto'
import { ErpmaxError } from '../../kernel/errors.js'
import { abroad, clean, partyOf, type Party } from './inv-01-party.js'
import { lastDay, plainAmount } from './numbers.js'
import type { PlainDate } from '../../kernel/dates.js'
import { minorDigits } from '../../kernel/money.js'
import type { BillingDocument, DocumentLine, TaxHead } from '../document.js'

/** Names, places and lengths are the schema's. */
export interface Inv01 {
  Version: '1.1'
  Irn: string
  AckNo: null
  AckDt: null
  Status: 'DRAFT'
  /** What the schema asks for and the document does not tell; to be completed before it is registered. */
  Problems: string[]
  TranDtls: { TaxSch: 'GST'; SupTyp: SupplyType; RegRev: 'Y' | 'N'; IgstOnIntra: 'N' }
  DocDtls: { Typ: 'INV' | 'CRN'; No: string; Dt: string }
  SellerDtls: Party
  BuyerDtls: Party & { Pos: string }
  ItemList: Item[]
  ValDtls: Values
  RefDtls?: {
    DocPerdDtls?: { InvStDt: string; InvEndDt: string }
    PrecDocDtls?: { InvNo: string; InvDt: string }[]
  }
  ExpDtls?: { ForCur: string; CntCode: string }
}

type SupplyType = 'B2B' | 'SEZWP' | 'SEZWOP' | 'EXPWP' | 'EXPWOP'

interface Item {
  SlNo: string
  PrdDesc: string
  IsServc: 'Y'
  HsnCd: string
  Qty: number
  Unit: 'OTH'
  UnitPrice: number
  TotAmt: number
  AssAmt: number
  GstRt: number
  IgstAmt: number
  CgstAmt: number
  SgstAmt: number
  TotItemVal: number
}

interface Values {
  AssVal: number
  CgstVal: number
  SgstVal: number
  IgstVal: number
  RndOffAmt: number
  TotInvVal: number
  TotInvValFc?: number
}

/** @throws conflict `einvoice.not_applicable`: a supplier without GSTIN, a consumer in India, a void document, a commercial credit */
export function inv01(document: BillingDocument): Inv01 {
  const { supplier, recipient, number, exchange } = document
  const gstin = supplier.gstin
  if (!gstin) throw notApplicable(document, 'its supplier has no GSTIN')
  if (recipient.country === 'IN' && !recipient.gstin) {
    throw notApplicable(document, 'its recipient in India has no GSTIN')
  }
  if (document.void) throw notApplicable(document, 'it is void')
  if (document.commercial)
    throw notApplicable(document, 'it is a commercial credit, which leaves the tax alone')
  if (document.currency !== 'INR' && exchange?.currency !== 'INR') {
    throw notApplicable(document, `it carries no rate from ${document.currency} to INR`)
  }
  const problems: string[] = []
  const type = document.kind === 'invoice' ? 'INV' : 'CRN'
  const items = document.lines.map((line) => itemOf(line, document, problems))
  const reference = referenceOf(document)
  return {
    Version: '1.1',
    Irn: irn(gstin, document.issue_date, type, number),
    AckNo: null,
    AckDt: null,
    Status: 'DRAFT',
    Problems: problems,
    TranDtls: {
      TaxSch: 'GST',
      SupTyp: supplyType(document),
      RegRev: document.reverse_charge ? 'Y' : 'N',
      IgstOnIntra: 'N',
    },
    DocDtls: { Typ: type, No: number, Dt: dayOf(document.issue_date) },
    SellerDtls: partyOf(supplier, 'SellerDtls', problems),
    BuyerDtls: {
      ...partyOf(recipient, 'BuyerDtls', problems),
      Pos: placeOfSupply(document, problems),
    },
    ItemList: items.map(({ item }) => item),
    ValDtls: valuesOf(document, items),
    ...(reference && { RefDtls: reference }),
    ...(recipient.country !== 'IN' && {
      ExpDtls: { ForCur: document.currency, CntCode: recipient.country },
    }),
  }
}

/** SHA-256 over supplier, financial year (`2026-27`), kind and number, as the portal's standard has it. */
export function irn(gstin: string, issued: PlainDate, type: 'INV' | 'CRN', number: string): string {
  return createHash('sha256')
    .update(gstin + financialYear(issued) + type + number)
    .digest('hex')
}

/** The Indian financial year of a day: `2026-27` from 1 April 2026. */
export function financialYear(day: PlainDate): string {
  const [year = 0, month = 0] = day.split('-').map(Number)
  const first = month >= 4 ? year : year - 1
  return `${first}-${String((first + 1) % 100).padStart(2, '0')}`
}

function placeOfSupply(document: BillingDocument, problems: string[]): string {
  if (document.recipient.country !== 'IN') return abroad.state
  if (!document.place_of_supply) problems.push('BuyerDtls.Pos: there is no place of supply')
  return document.place_of_supply?.code ?? ''
}

/** A supply inside India that carries the endorsement of Rule 46 goes to a special economic zone. */
function supplyType(document: BillingDocument): SupplyType {
  const taxed = document.taxes.some((tax) => tax.amount_minor > 0n)
  if (document.recipient.country !== 'IN') return taxed ? 'EXPWP' : 'EXPWOP'
  if (document.endorsement && !document.reverse_charge) return taxed ? 'SEZWP' : 'SEZWOP'
  return 'B2B'
}

function itemOf(
  line: DocumentLine,
  document: BillingDocument,
  problems: string[],
): { item: Item; taxable: bigint; taxes: Record<'CGST' | 'SGST' | 'IGST', bigint> } {
  const of = (...heads: TaxHead[]): bigint =>
    line.taxes
      .filter(({ head }) => heads.includes(head))
      .reduce((sum, tax) => sum + inRupees(tax.amount_minor, document), 0n)
  const taxable = inRupees(line.taxable_minor, document)
  const taxes = { CGST: of('CGST'), SGST: of('SGST', 'UTGST'), IGST: of('IGST') }
  if (!line.sac) problems.push(`ItemList ${line.position}: HsnCd is missing`)
  const item: Item = {
    SlNo: String(line.position),
    PrdDesc: clean(line.description, 300),
    IsServc: 'Y',
    HsnCd: line.sac ?? '',
    Qty: 1,
    Unit: 'OTH',
    UnitPrice: rupees(taxable),
    TotAmt: rupees(taxable),
    AssAmt: rupees(taxable),
    GstRt: line.taxes.reduce((sum, tax) => sum + Math.round(Number(tax.rate) * 1000), 0) / 1000,
    IgstAmt: rupees(taxes.IGST),
    CgstAmt: rupees(taxes.CGST),
    SgstAmt: rupees(taxes.SGST),
    TotItemVal: rupees(taxable + taxes.CGST + taxes.SGST + taxes.IGST),
  }
  return { item, taxable, taxes }
}

function valuesOf(document: BillingDocument, items: readonly ReturnType<typeof itemOf>[]): Values {
  const sum = (pick: (item: ReturnType<typeof itemOf>) => bigint): bigint =>
    items.reduce((total, item) => total + pick(item), 0n)
  const taxable = sum((item) => item.taxable)
  const taxes = {
    CGST: sum((item) => item.taxes.CGST),
    SGST: sum((item) => item.taxes.SGST),
    IGST: sum((item) => item.taxes.IGST),
  }
  const total = document.exchange?.total_minor ?? document.total_minor
  return {
    AssVal: rupees(taxable),
    CgstVal: rupees(taxes.CGST),
    SgstVal: rupees(taxes.SGST),
    IgstVal: rupees(taxes.IGST),
    // Lines are converted one by one, the total at once: the difference is a matter of rounding.
    RndOffAmt: rupees(total - taxable - taxes.CGST - taxes.SGST - taxes.IGST),
    TotInvVal: rupees(total),
    ...(document.exchange && {
      TotInvValFc: Number(plainAmount(document.total_minor, document.currency)),
    }),
  }
}

/** In paise, half up, at the document's rate. */
function inRupees(minor: bigint, { currency, exchange }: BillingDocument): bigint {
  if (currency === 'INR' || !exchange) return minor
  const [whole = '0', fraction = ''] = exchange.rate.split('.')
  const numerator = minor * BigInt(whole + fraction) * 100n
  const denominator = 10n ** BigInt(fraction.length + minorDigits(currency))
  return (2n * numerator + denominator) / (2n * denominator)
}

function rupees(paise: bigint): number {
  return Number(plainAmount(paise, 'INR'))
}

function referenceOf(document: BillingDocument): Inv01['RefDtls'] | null {
  const periods = document.lines.flatMap(({ period }) => (period ? [period] : []))
  const first = periods.map(({ from }) => from).sort()[0]
  const last = periods.map(lastDay).sort().at(-1)
  const { original } = document
  if (!original && !first) return null
  return {
    ...(first && last && { DocPerdDtls: { InvStDt: dayOf(first), InvEndDt: dayOf(last) } }),
    ...(original && { PrecDocDtls: [{ InvNo: original.number, InvDt: dayOf(original.date) }] }),
  }
}

/** `18/08/2026`. */
function dayOf(day: PlainDate): string {
  return day.split('-').reverse().join('/')
}

function notApplicable(document: BillingDocument, reason: string): ErpmaxError {
  return new ErpmaxError(
    'conflict',
    'einvoice.not_applicable',
    `There is no e-invoice of ${document.number}: ${reason}`,
  )
}
