/** How often an address may do something in a minute; remembers so many addresses and no more. */
import { isIPv6 } from 'node:net'

const windowMs = 60_000
const mostAddresses = 10_000

export interface RateLimit {
  /** Counts one, and says whether it is too many. `first` is true for the first that is. */
  exceeded(address: string): { exceeded: boolean; first: boolean }
}

export function perMinute(most: number): RateLimit {
  const counts = new Map<string, { from: number; count: number }>()
  return {
    exceeded(address) {
      const key = networkOf(address)
      const now = performance.now()
      let seen = counts.get(key)
      if (!seen || now - seen.from > windowMs) {
        seen = { from: now, count: 0 }
        counts.delete(key)
        counts.set(key, seen)
        if (counts.size > mostAddresses) counts.delete(counts.keys().next().value ?? '')
      }
      seen.count += 1
      return { exceeded: seen.count > most, first: seen.count === most + 1 }
    },
  }
}

/** Whoever has one IPv6 address has the 2^64 of its network. */
function networkOf(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address
  const [head = '', tail] = address.split('::')
  const left = head.split(':').filter((part) => part !== '')
  const right = (tail ?? '').split(':').filter((part) => part !== '')
  const gap = tail === undefined ? [] : Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0')
  return [...left, ...gap, ...right].slice(0, 4).join(':')
}
