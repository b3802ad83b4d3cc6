/** One record of usage from flags, and the shape of what a file of them gives. */
import { ErpmaxError } from '../kernel/errors.js'
import type { UsageOutcome } from '../subscriptions/record-usage.js'
import type { UsageFields } from '../subscriptions/usage-lines.js'

export interface UsageTally {
  items: UsageOutcome[]
  next_cursor: null
  recorded: number
  already_recorded: number
  failed: number
  dry_run: boolean
}

/** @throws usage `usage.missing`, naming what is not there */
export function usageArguments(given: {
  tenant: string | null
  metric?: string | undefined
  quantity?: string | undefined
  key?: string | undefined
  at?: string | undefined
}): UsageFields {
  const { tenant, metric, quantity, key, at } = given
  const missing = [
    tenant === null && 'the tenant',
    metric === undefined && '--metric',
    quantity === undefined && '--quantity',
    key === undefined && '--key',
  ].filter((name) => name !== false)
  if (missing.length > 0) {
    throw new ErpmaxError('usage', 'usage.missing', `Missing: ${missing.join(', ')}`, {
      hint: 'erpmax usage record acme --metric api_calls --quantity 1 --key <key>, or --from-file',
    })
  }
  return { tenant, metric: metric ?? null, quantity: quantity ?? null, key: key ?? null, at: at ?? null }
}
