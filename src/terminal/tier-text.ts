/** A tier in words: what it bounds. */
import type { Tier } from '../subscriptions/catalogue.js'

/** `3 paid modules, 10 users, 10 GB, 100,000 API calls`: the calls are those of a month. */
export function limitsOf(tier: Tier): string {
  return [
    tier.max_paid_modules === null ? 'all modules' : bound(tier.max_paid_modules, 'paid module'),
    bound(tier.max_users, 'user'),
    tier.max_storage_gb === null ? 'unlimited storage' : `${grouped(tier.max_storage_gb)} GB`,
    bound(tier.max_api_calls_per_month, 'API call'),
  ].join(', ')
}

function bound(most: number | bigint | null, what: string): string {
  if (most === null) return `unlimited ${what}s`
  const count = Number(most)
  return `${count === 0 ? 'no' : grouped(most)} ${what}${count === 1 ? '' : 's'}`
}

function grouped(value: number | bigint): string {
  return value.toLocaleString('en-US')
}
