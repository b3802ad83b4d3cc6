/** One batch of accounts: read, prepared and written in one transaction; halved where the database refuses it. */
import { sql, rows } from '../../database/sql.js'
import { isConnectionError, translated } from '../../database/sql-errors.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError, messageOf } from '../../kernel/errors.js'
import { chargedLines } from './charged.js'
import { readAccounts } from './due.js'
import { renewRun, type HeldRun } from './lease.js'
import { prepareAccount, type Files, type PreparedAccount } from './prepare.js'
import { writeBatch, type WrittenBatch } from './write.js'
import type { Context } from '../../kernel/context.js'
import type { SubscriptionId } from '../../kernel/ids.js'
import type { RunTerms } from './terms.js'

export interface BatchResult extends WrittenBatch {
  accounts: PreparedAccount[]
}

/** What the accounts would get; reads only, though it locks what it reads until the transaction ends. */
export async function prepareBatch(
  ctx: Pick<Context, 'db' | 'clock'>,
  ids: readonly SubscriptionId[],
  terms: RunTerms,
  files: Files,
): Promise<PreparedAccount[]> {
  const accounts = await readAccounts(ctx, ids, terms.asOf, ctx.clock.now())
  const charged = await chargedLines(
    ctx,
    accounts.flatMap(({ adjustments }) => adjustments.map(({ id }) => id)),
  )
  return accounts.map((account) => prepareAccount(account, charged, terms, files))
}

/**
 * Bills the accounts in one transaction. What the database refuses is tried again in halves until the culprit stands
 * alone; that one is parked, and everybody else is billed (rule 14).
 */
export async function billBatch(
  ctx: Context,
  run: HeldRun,
  ids: readonly SubscriptionId[],
  terms: RunTerms,
  files: Files,
): Promise<BatchResult> {
  try {
    return await transaction(ctx, async (inner) => {
      await renewRun(inner, run)
      const accounts = await prepareBatch(inner, ids, terms, files)
      await inner.failpoint('billing.in_batch')
      const written = await writeBatch(inner, run.id, accounts, terms)
      await park(inner, run, accounts)
      await inner.failpoint('billing.before_commit')
      return { ...written, accounts }
    })
  } catch (thrown) {
    const error = translated(thrown)
    if (isConnectionError(thrown) || (error instanceof ErpmaxError && error.kind !== 'conflict')) throw error
    const [only] = ids
    if (ids.length === 1 && only !== undefined) return parkAlone(ctx, run, only, error, terms, files)
    const middle = Math.ceil(ids.length / 2)
    const first = await billBatch(ctx, run, ids.slice(0, middle), terms, files)
    const second = await billBatch(ctx, run, ids.slice(middle), terms, files)
    return {
      accounts: [...first.accounts, ...second.accounts],
      invoices: [...first.invoices, ...second.invoices],
      creditNotes: [...first.creditNotes, ...second.creditNotes],
    }
  }
}

async function parkAlone(
  ctx: Context,
  run: HeldRun,
  id: SubscriptionId,
  error: unknown,
  terms: RunTerms,
  files: Files,
): Promise<BatchResult> {
  return transaction(ctx, async (inner) => {
    await renewRun(inner, run)
    const prepared = await prepareBatch(inner, [id], terms, files)
    const accounts = prepared.map((one): PreparedAccount => ({
      ...one,
      outcome: 'parked',
      reason: {
        code: error instanceof ErpmaxError ? error.code : 'billing.refused',
        message: messageOf(error),
        details: error instanceof ErpmaxError ? error.details : {},
      },
      invoices: [],
      credits: [],
    }))
    await park(inner, run, accounts)
    return { accounts, invoices: [], creditNotes: [] }
  })
}

/** One row for each account that stands parked now and did not before. */
async function park(
  ctx: Pick<Context, 'db'>,
  run: HeldRun,
  accounts: readonly PreparedAccount[],
): Promise<void> {
  const parked = accounts
    .filter(({ outcome, account }) => outcome === 'parked' && !account.parked)
    .map(({ account, reason }) => ({ tenant_id: account.tenantId, ...reason }))
  if (parked.length === 0) return
  await rows(
    ctx.db,
    sql`insert into public.parked_accounts (tenant_id, run_id, code, reason, details)
        select r.tenant_id, ${run.id}::uuid, r.code, r.message, coalesce(r.details, '{}')
        from jsonb_to_recordset(${JSON.stringify(parked)}::jsonb) as r (tenant_id uuid, code text, message text, details jsonb)
        on conflict (tenant_id) where released_at is null do nothing`,
  )
}
