/** One batch of accounts: read, prepared and written in one transaction; halved where the database refuses it. */
import { sql, rows } from '../../database/sql.js'
import { isConnectionError, translated } from '../../database/sql-errors.js'
import { rehearse } from '../../database/rehearse.js'
import { transaction } from '../../database/transaction.js'
import { ErpmaxError, messageOf } from '../../kernel/errors.js'
import { applyChanges } from './apply-changes.js'
import { chargedLines } from './charged.js'
import { readAccounts, type DueSubscriptionId } from './due.js'
import { renewRun, type HeldRun } from './lease.js'
import { prepareAccount, type Files, type PreparedAccount } from './prepare.js'
import { writeBatch, type WrittenBatch } from './write.js'
import type { Context } from '../../kernel/context.js'
import type { RunTerms } from './terms.js'

export interface BatchResult extends WrittenBatch {
  accounts: PreparedAccount[]
}

/**
 * What the accounts get: what is due of their changes is applied first, so that no bill follows an old choice because
 * cron was silent. Locks what it reads until the transaction ends.
 */
export async function prepareBatch(
  ctx: Pick<Context, 'db' | 'clock' | 'actor'>,
  due: readonly DueSubscriptionId[],
  terms: RunTerms,
  files: Files,
): Promise<PreparedAccount[]> {
  await applyChanges(
    ctx,
    due.map(({ tenantId }) => tenantId),
    terms,
  )
  const accounts = await readAccounts(
    ctx,
    due.map(({ id }) => id),
    terms,
    ctx.clock.now(),
  )
  const charged = await chargedLines(
    ctx,
    accounts.flatMap(({ adjustments }) => adjustments.map(({ id }) => id)),
  )
  return accounts.map((account) => prepareAccount(account, charged, terms, files))
}

/**
 * Bills the accounts in one transaction; without a run it is a rehearsal. What the database refuses is tried again in
 * halves until the culprit stands alone; that one is parked, and everybody else is billed (rule 14).
 */
export async function billBatch(
  ctx: Context,
  run: HeldRun | null,
  due: readonly DueSubscriptionId[],
  terms: RunTerms,
  files: Files,
): Promise<BatchResult> {
  try {
    if (!run) return notWritten(await rehearse(ctx, (inner) => prepareBatch(inner, due, terms, files)))
    return await transaction(ctx, async (inner) => {
      await renewRun(inner, run)
      const accounts = await prepareBatch(inner, due, terms, files)
      await inner.failpoint('billing.in_batch')
      const written = await writeBatch(inner, run.id, accounts, terms)
      await park(inner, run, accounts)
      await inner.failpoint('billing.before_commit')
      return { ...written, accounts }
    })
  } catch (thrown) {
    const error = translated(thrown)
    if (isConnectionError(thrown) || concernsEverybody(error)) throw error
    const [only] = due
    if (due.length === 1 && only !== undefined) return parkAlone(ctx, run, only, error, terms)
    const middle = Math.ceil(due.length / 2)
    const first = await billBatch(ctx, run, due.slice(0, middle), terms, files)
    const second = await billBatch(ctx, run, due.slice(middle), terms, files)
    return {
      accounts: [...first.accounts, ...second.accounts],
      invoices: [...first.invoices, ...second.invoices],
      creditNotes: [...first.creditNotes, ...second.creditNotes],
    }
  }
}

/** Nothing of the account's own: the whole run ends, and nobody is parked for it. */
function concernsEverybody(error: unknown): boolean {
  const everybodys = ['billing.month_closed', 'numbering.series_full']
  return error instanceof ErpmaxError && (error.kind !== 'conflict' || everybodys.includes(error.code))
}

function notWritten(accounts: PreparedAccount[]): BatchResult {
  return { accounts, invoices: [], creditNotes: [] }
}

/** Reads it as it is: whatever was refused may have been a change of its own, and would be refused again. */
async function parkAlone(
  ctx: Context,
  run: HeldRun | null,
  culprit: DueSubscriptionId,
  error: unknown,
  terms: RunTerms,
): Promise<BatchResult> {
  return transaction(ctx, async (inner) => {
    if (run) await renewRun(inner, run)
    const found = await readAccounts(inner, [culprit.id], terms, inner.clock.now())
    const accounts = found.map((account): PreparedAccount => ({
      account,
      outcome: 'parked',
      reason: {
        code: error instanceof ErpmaxError ? error.code : 'billing.refused',
        message: messageOf(error),
        details: error instanceof ErpmaxError ? error.details : {},
      },
      invoices: [],
      credits: [],
      nextBillingOn: account.nextBillingOn,
    }))
    if (run) await park(inner, run, accounts)
    return notWritten(accounts)
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
