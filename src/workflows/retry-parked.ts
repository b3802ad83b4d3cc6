/** `billing parked retry`: accounts are released and billed at once. */
import { rehearse } from '../database/rehearse.js'
import { ErpmaxError } from '../kernel/errors.js'
import { releaseAccount } from '../billing/parked.js'
import { generateInvoices, type GeneratedRun, type RunProgress } from '../billing/runs/generate.js'
import type { Context } from '../kernel/context.js'
import type { TenantId } from '../kernel/ids.js'

export interface RetryInput {
  note: string | null
  catchUp: number | null
  wait: boolean
  dryRun: boolean
}

export interface RetriedAccounts extends GeneratedRun {
  /** Subdomains. */
  released: string[]
}

interface Parked {
  id: TenantId
  subdomain: string
}

/**
 * What still cannot be billed is parked anew, with its reason.
 * @throws what `generateInvoices` throws; the accounts stay released then, and the next run bills them
 */
export async function* retryParked(
  ctx: Context,
  tenants: readonly Parked[],
  input: RetryInput,
): AsyncGenerator<RunProgress, RetriedAccounts, void> {
  const run = {
    ...{ tenants: tenants.map(({ id }) => id), asOf: null },
    ...{ catchUp: input.catchUp, dryRun: input.dryRun, wait: input.wait },
  }
  if (input.dryRun) {
    return rehearse(ctx, async (inner) => {
      const released = await releaseAll(inner, tenants, input.note)
      const events = generateInvoices(inner, run)
      for (;;) {
        const next = await events.next()
        if (next.done) return { ...next.value, released }
      }
    })
  }
  const released = await releaseAll(ctx, tenants, input.note)
  await ctx.failpoint('retry.released')
  return { ...(yield* generateInvoices(ctx, run)), released }
}

/** Each by itself; one that somebody else has released meanwhile is released. */
async function releaseAll(ctx: Context, tenants: readonly Parked[], note: string | null): Promise<string[]> {
  for (const tenant of tenants) {
    if (ctx.signal.aborted)
      throw new ErpmaxError('interrupted', 'interrupted', 'Interrupted between two accounts', {
        hint: 'erpmax billing parked list',
      })
    await releaseAccount(ctx, tenant, { note, dryRun: false }).catch((error: unknown) => {
      if (!(error instanceof ErpmaxError) || error.code !== 'billing.not_parked') throw error
    })
  }
  return tenants.map(({ subdomain }) => subdomain)
}
