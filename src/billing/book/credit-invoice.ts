/** Credits an invoice, whole, by line or by an amount before tax, with a credit note of its own series (rules 8 and 18). */
import { changeOrRehearse } from '../../database/rehearse.js'
import { oneRow, sql } from '../../database/sql.js'
import { ErpmaxError } from '../../kernel/errors.js'
import { moneyJson, parseMoney, type MoneyJson } from '../../kernel/money.js'
import { audit } from '../../operations/audit.js'
import { enqueue } from '../../operations/outbox.js'
import { issueCreditNotes, type IssuedCreditNote } from '../credit-notes.js'
import { canBeTaxed } from '../credit-plan.js'
import { linesOfInvoice, type InvoiceLine } from '../runs/charged.js'
import { taxesJson } from '../runs/taxes-json.js'
import { readTerms, type RunTerms } from '../runs/terms.js'
import { takeNumbers } from '../series.js'
import { holdAccount, liftWhenSettled } from './account.js'
import { findInvoice, type FoundInvoice } from './find-invoice.js'
import { spreadCredit } from './spread-credit.js'
import { standingAfter, type InvoiceStanding } from './standing.js'
import type { Context } from '../../kernel/context.js'
import type { PlainDate } from '../../kernel/dates.js'

export interface CreditInput {
  /** Of this line, by its number on the invoice; null: of the whole invoice. */
  line: number | null
  /** Before tax, as typed; null: everything that is left. */
  amount: string | null
  /** Of the net alone, though GST would still let the tax be taken back. */
  commercial: boolean
  reason: string
}

export interface CreditNoteJson {
  id: string
  /** Null in a dry run. */
  number: string | null
  invoice: string
  tenant: string
  issue_date: PlainDate
  reason: string
  /** False: commercial, without tax. */
  taxed: boolean
  lines: {
    description: string
    from: PlainDate | null
    to: PlainDate | null
    amount: MoneyJson
    taxes: object[]
  }[]
  taxable: MoneyJson
  tax: MoneyJson
  total: MoneyJson
  /** What lowered the open amount of the invoice. */
  applied: MoneyJson
  /** What went to the credit balance. */
  to_balance: MoneyJson
}

export interface CreditedInvoice {
  dry_run: boolean
  credit_note: CreditNoteJson
  invoice: InvoiceStanding
  suspension_lifted: boolean
}

/**
 * @throws not_found `invoice.not_found`, `invoice.line_not_found`; usage `money.invalid`; conflict `invoice.void`,
 *   `credit.exceeds`, `credit.nothing_left`, `credit.too_late_for_tax`, `billing.month_closed`
 */
export async function creditInvoice(
  ctx: Pick<Context, 'db' | 'clock' | 'actor' | 'warn'>,
  text: string,
  input: CreditInput,
  dryRun: boolean,
): Promise<CreditedInvoice> {
  return changeOrRehearse(ctx, dryRun, async (inner) => {
    await holdAccount(inner, (await findInvoice(inner, text)).tenant_id)
    const invoice = await findInvoice(inner, text, { lock: true })
    const { id, tenant_id, tenant, currency } = invoice
    if (invoice.status === 'void') throw isVoid(invoice)
    const terms = await readTerms(inner, { asOf: null, catchUp: 0, dryRun })
    const lines = await linesOfInvoice(inner, id)
    const commercial = input.commercial || requireInTime(invoice, lines, terms)
    const net = input.amount === null ? null : positive(input.amount, currency)
    const parts = spreadCredit(lines, { line: input.line, net, commercial }, currency)
    const [number = ''] = await takeNumbers(inner, 'credit_note', terms.supplier.credit_note_prefix, 1, terms)
    const { id: noteId } = await oneRow<{ id: string }>(inner.db, sql`select gen_random_uuid() as id`)
    const draft = {
      ...{ id: noteId, number, tenantId: tenant_id, currency, invoiceId: id },
      ...{ reason: input.reason, taxed: !commercial, lines: parts },
    }
    const [issued] = await issueCreditNotes(inner, [draft], { issueDate: terms.issueDate, runId: null })
    if (!issued) throw new Error('one credit note was to be issued')
    const note = noteJson(invoice, issued, terms, dryRun)
    await audit(inner, {
      ...{
        action: 'invoice.credit',
        subjectKind: 'invoice',
        subject: invoice.number ?? id,
        tenantId: tenant_id,
      },
      outcome: 'succeeded',
      after: {
        credit_note: number,
        total: note.total,
        to_balance: note.to_balance,
        taxed: note.taxed,
        reason: input.reason,
      },
    })
    await enqueue(inner, {
      ...{ topic: 'credit.issued', key: noteId, tenantId: tenant_id },
      payload: { credit_note: number, invoice: invoice.number, tenant, total: note.total },
    })
    const standing = await standingAfter(inner, invoice, noteId)
    const suspension_lifted = await liftWhenSettled(inner, tenant_id)
    return { dry_run: dryRun, credit_note: note, invoice: standing, suspension_lifted }
  })
}

/** GST knows a credit note until 30 November; whoever wants to credit afterwards says that the tax stays. */
function requireInTime(
  { number }: FoundInvoice,
  lines: readonly InvoiceLine[],
  { issueDate }: RunTerms,
): false {
  const [line] = lines
  if (!line || canBeTaxed(line, issueDate)) return false
  throw new ErpmaxError(
    'conflict',
    'credit.too_late_for_tax',
    `Since ${line.taxedUntil} is past, no credit note lowers the GST of ${number} (section 34(2) of the CGST Act): what is left is a commercial credit of the net amount, without tax`,
    {
      hint: `erpmax invoice credit ${number} --commercial --whole --reason "..."`,
      details: { invoice: number, last_day: line.taxedUntil, issue_date: issueDate },
    },
  )
}

function positive(text: string, currency: string): bigint {
  const { amountMinor } = parseMoney(text, currency)
  if (amountMinor > 0n) return amountMinor
  throw new ErpmaxError('usage', 'money.invalid', 'Nothing is not an amount to credit', {
    hint: 'Leave --amount out to credit all that is left',
  })
}

function isVoid({ number }: FoundInvoice): ErpmaxError {
  return new ErpmaxError('conflict', 'invoice.void', `${number} is void: there is nothing to credit`, {
    hint: 'erpmax invoice list',
    details: { invoice: number },
  })
}

function noteJson(
  invoice: FoundInvoice,
  note: IssuedCreditNote,
  { issueDate }: RunTerms,
  dryRun: boolean,
): CreditNoteJson {
  const money = (amountMinor: bigint): MoneyJson => moneyJson({ amountMinor, currency: note.currency })
  return {
    ...{
      id: note.id,
      number: dryRun ? null : note.number,
      invoice: invoice.number ?? '',
      tenant: invoice.tenant,
    },
    ...{ issue_date: issueDate, reason: note.reason, taxed: note.taxed },
    lines: note.lines.map(({ line, period, net, taxes }) => ({
      ...{ description: line.description, from: period?.from ?? null, to: period?.to ?? null },
      ...{ amount: money(net), taxes: taxesJson(taxes) },
    })),
    ...{ taxable: money(note.taxable), tax: money(note.tax), total: money(note.taxable + note.tax) },
    ...{ applied: money(note.applied), to_balance: money(note.taxable + note.tax - note.applied) },
  }
}
