/** What the page of an invoice says: its lines, its totals, and whether there is a button. */
import { readLabels } from '../../billing/documents/labels.js'
import { viewDocument, type TotalView } from '../../billing/documents/view.js'
import { printAmount } from '../../kernel/amounts.js'
import type { PayPage } from '../../views/pay-page.js'

/** `templates/pages/pay/words/<language>.json`; `{amount}` is filled in. */
export interface PayWords {
  pay: string
  states: Record<PayPage['state'], string>
}

export interface PayView {
  title: string
  number: string
  supplier: string
  email: string | null
  customer: string
  facts: { label: string; value: string }[]
  lines: { text: string; note: string | null; amount: string }[]
  totals: TotalView[]
  state: PayPage['state']
  /** What stands on the button; null where there is none. */
  button: string | null
  /** The customer comes from the provider, and the money is not here yet. */
  returned: boolean
  /** How it is paid by bank, while it is open and no payment is on its way; the number of the invoice is what to name. */
  bank: { label: string; value: string } | null
  /** Whether it can be paid online at all. */
  online: boolean
}

export async function payView(
  { document, state, openMinor }: PayPage,
  words: PayWords,
  { online, returned }: { online: boolean; returned: boolean },
): Promise<PayView> {
  const { language, currency, payment_details: details } = document
  const labels = await readLabels(document.template, language)
  const view = viewDocument(document, labels)
  const at = (key: string): number => view.columns.findIndex((column) => column.key === key)
  const [description, total] = [at('description'), at('total')]
  return {
    title: view.title,
    number: view.number,
    supplier: view.supplier.name,
    email: document.supplier.email,
    customer: view.recipient.name,
    facts: view.facts.slice(0, document.due_date ? 3 : 2),
    lines: view.rows.map((row) => ({
      text: row[description]?.text ?? '',
      note: row[description]?.note ?? null,
      amount: row[total]?.text ?? '',
    })),
    // What was due at issue is no more: what is open stands below what came in.
    totals: document.receipts ? view.totals.filter(({ label }) => label !== labels.totals.due) : view.totals,
    state,
    button:
      state === 'open' && online
        ? words.pay.replace('{amount}', printAmount(openMinor, currency, language))
        : null,
    returned: returned && state === 'open',
    bank: state === 'open' && !returned && details ? { label: labels.payment_details, value: details } : null,
    online,
  }
}
