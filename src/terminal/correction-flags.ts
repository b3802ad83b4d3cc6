/** The flags of commands that take an invoice back, whole or in part. */
import { Flags } from '@oclif/core'
import { ErpmaxError } from '../kernel/errors.js'
import type { CreditInput } from '../billing/book/credit-invoice.js'

const longest = 500

export function reasonFlag(description: string) {
  return Flags.string({ description, required: true })
}

/** What a document says stays: it is not blank. @throws usage `usage.reason_invalid` */
export function reasonFrom(text: string): string {
  const reason = text.trim()
  if (reason !== '' && reason.length <= longest) return reason
  throw new ErpmaxError(
    'usage',
    'usage.reason_invalid',
    reason === '' ? 'The reason is empty' : `The reason is longer than ${longest} characters`,
    { hint: '--reason "wrong customer"' },
  )
}

/** @throws usage `usage.missing` where nothing says how much */
export function creditInput(flags: {
  whole: boolean
  line: number | undefined
  amount: string | undefined
  commercial: boolean
  reason: string
}): CreditInput {
  const { whole, line = null, amount = null, commercial } = flags
  const reason = reasonFrom(flags.reason)
  if (whole || line !== null || amount !== null) return { line, amount, commercial, reason }
  throw new ErpmaxError('usage', 'usage.missing', 'How much is to be credited is missing', {
    hint: '--whole, or --amount 1000.00, or --line 1',
    details: { missing: ['--whole', '--line', '--amount'] },
  })
}
