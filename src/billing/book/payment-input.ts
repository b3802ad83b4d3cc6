/** What is typed about a payment, checked against the invoice it is for: amounts, day, section of tax withheld. */
import { firstRow, rows, sql } from '../../database/sql.js'
import { dayIn, type PlainDate } from '../../kernel/dates.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { formatMoney, minorDigits, parseMoney } from '../../kernel/money.js'
import { findSupplier, supplierDay } from '../supplier.js'
import type { Context } from '../../kernel/context.js'
import type { FoundInvoice } from './find-invoice.js'

export const paymentMethods = ['bank_transfer', 'cash', 'cheque', 'upi', 'other'] as const
export type PaymentMethod = (typeof paymentMethods)[number]

export const settlementKinds = ['tds', 'bank_charges', 'round_off', 'write_off'] as const
export type SettlementKind = (typeof settlementKinds)[number]

/** Amounts as typed, in the currency of the invoice. */
export interface PaymentInput {
  /** The money that came in; without it only settlement lines are recorded. */
  amount?: string | undefined
  /** Named to be sure; it must be the invoice's. */
  currency?: string | undefined
  method?: PaymentMethod | undefined
  /** Where the supplier is; today where it is left out. */
  receivedOn?: PlainDate | undefined
  /** Makes the payment one: recorded again it changes nothing. */
  reference?: string | undefined
  tds?: string | undefined
  /** A code of `tds_sections`, or its place in the Act of 2025. */
  tdsSection?: string | undefined
  tdsCertificate?: string | undefined
  bankCharges?: string | undefined
  roundOff?: string | undefined
  writeOff?: string | undefined
  note?: string | undefined
}

export interface SettlementPart {
  kind: SettlementKind
  amount: bigint
  section: string | null
  certificate: string | null
}

export interface CheckedPayment {
  /** Minor units; null: only settlement lines. */
  amount: bigint | null
  method: PaymentMethod
  received_on: PlainDate
  reference: string | null
  note: string | null
  parts: SettlementPart[]
}

/**
 * @throws usage `money.invalid`, `usage.missing`, `payment.received_in_future`, `payment.tds_section_unknown`,
 *   `payment.round_off_too_large`, `payment.currency_differs`, `payment.note_unused`; conflict `payment.tds_not_withheld`
 */
export async function checkPayment(
  ctx: Pick<Context, 'db' | 'clock'>,
  invoice: FoundInvoice,
  input: PaymentInput,
): Promise<CheckedPayment> {
  const { currency, number } = invoice
  if (input.currency !== undefined && input.currency.trim().toUpperCase() !== currency)
    throw new ErpmaxError(
      'usage',
      'payment.currency_differs',
      `${number} is in ${currency}, not in ${input.currency}`,
      {
        hint: `Convert what came in, and record it in ${currency}`,
        details: { invoice: number, currency },
      },
    )
  const amount = amountOf(input.amount, currency)
  const parts = await partsOf(ctx, invoice, input)
  if (amount === null && parts.length === 0)
    throw new ErpmaxError('usage', 'usage.missing', 'Nothing is said to have come in or to be settled', {
      hint: '--amount 44910.00 --tds 4990.00 --tds-section 194J',
      details: { missing: ['--amount'] },
    })
  const note = input.note?.trim() || null
  if (note !== null && parts.length === 0)
    throw new ErpmaxError(
      'usage',
      'payment.note_unused',
      'A note is written to settlement lines, and there are none',
      {
        hint: 'Leave --note out, or say it in --reference; settlement lines come from --tds, --bank-charges, --round-off and --write-off',
      },
    )
  return {
    amount,
    method: input.method ?? 'bank_transfer',
    received_on: await dayOf(ctx, input.receivedOn),
    reference: input.reference?.trim() || null,
    note,
    parts,
  }
}

function amountOf(text: string | undefined, currency: string): bigint | null {
  if (text === undefined) return null
  const { amountMinor } = parseMoney(text, currency)
  if (amountMinor > 0n) return amountMinor
  throw new ErpmaxError('usage', 'money.invalid', 'An amount of nothing is not recorded', {
    hint: 'Leave the flag out',
  })
}

async function partsOf(
  ctx: Pick<Context, 'db'>,
  invoice: FoundInvoice,
  input: PaymentInput,
): Promise<SettlementPart[]> {
  const { currency } = invoice
  const amounts: Record<SettlementKind, bigint | null> = {
    tds: amountOf(input.tds, currency),
    bank_charges: amountOf(input.bankCharges, currency),
    round_off: amountOf(input.roundOff, currency),
    write_off: amountOf(input.writeOff, currency),
  }
  const unit = 10n ** BigInt(minorDigits(currency))
  if (amounts.round_off !== null && amounts.round_off >= unit)
    throw new ErpmaxError(
      'usage',
      'payment.round_off_too_large',
      `Rounding takes less than ${formatMoney({ amountMinor: unit, currency })}`,
      { hint: '--write-off', details: { limit_minor: Number(unit), currency } },
    )
  const withheld = amounts.tds === null ? null : await withholding(ctx, invoice, input)
  return settlementKinds.flatMap((kind) => {
    const amount = amounts[kind]
    if (amount === null) return []
    const of = kind === 'tds' && withheld ? withheld : { section: null, certificate: null }
    return [{ kind, amount, ...of }]
  })
}

async function withholding(
  ctx: Pick<Context, 'db'>,
  { id, number, currency }: FoundInvoice,
  { tdsSection, tdsCertificate }: PaymentInput,
): Promise<{ section: string; certificate: string | null }> {
  const indian = await firstRow(
    ctx.db,
    sql`select 1 from public.invoices where id = ${id} and supplier ->> 'country' = 'IN'`,
  )
  if (!indian || currency !== 'INR')
    throw new ErpmaxError(
      'conflict',
      'payment.tds_not_withheld',
      `No Indian tax is withheld at source on ${number}: that is for rupee invoices of an Indian supplier`,
      { hint: '--bank-charges or --write-off', details: { invoice: number, currency } },
    )
  const known = await rows<{ code: string; place_2025: string }>(
    ctx.db,
    sql`select code, place_2025 from public.tds_sections order by code`,
  )
  const plain = (text: string): string => text.replace(/\s+/g, '').toUpperCase()
  const wanted = plain(tdsSection ?? '')
  const section = known.find(({ code, place_2025 }) => [code, plain(place_2025)].includes(wanted))
  const codes = known.map(({ code }) => code)
  if (!section)
    throw new ErpmaxError(
      'usage',
      tdsSection === undefined ? 'usage.missing' : 'payment.tds_section_unknown',
      tdsSection === undefined
        ? 'Tax is withheld under a section: --tds-section is missing'
        : `"${tdsSection.slice(0, 40)}" is not a section that is known here`,
      { hint: `--tds-section ${codes.includes('194J') ? '194J' : codes[0]}`, details: { sections: known } },
    )
  return { section: section.code, certificate: tdsCertificate?.trim() || null }
}

async function dayOf(ctx: Pick<Context, 'db' | 'clock'>, given: PlainDate | undefined): Promise<PlainDate> {
  const supplier = await findSupplier(ctx)
  const today = supplier ? supplierDay(ctx, supplier) : dayIn('UTC', ctx.clock.now())
  if (given === undefined || given <= today) return given ?? today
  throw new ErpmaxError('usage', 'payment.received_in_future', `${given} is still to come: it is ${today}`, {
    hint: `--received-on ${today}`,
    details: { received_on: given, today },
  })
}
