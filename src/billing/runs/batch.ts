/** One batch of accounts: read, prepared and written in one transaction; halved where the database refuses it. */
import { sql, rows } from '../../database/sql.js'
import { isConnectionError, translated } from '../../database/sql-errors.js'
import { transaction } from '../../database/transaction.js'
import { audit } from '../../operations/audit.js'
import { ErpmaxError, messageOf } from '../../kernel/errors.js'
import { rehearse } from '../../database/rehearse.js'
import { applyChanges } from './apply-changes.js'
import { chargedLines } from './charged.js'
import { dueSubscriptions, readAccounts, type DueSubscriptionId } from './due.js'
import { renewRun, type HeldRun } from './lease.js'
import { prepareAccount, type Files, type PreparedAccount } from './prepare.js'
import { slices } from './slices.js'
import { writeBatch, type WrittenBatch } from './write.js'
import type { Context } from '../../kernel/context.js'
import type { SubscriptionId, TenantId } from '../../kernel/ids.js'
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
  const changed = await applyChanges(
    ctx,
    due.map(({ tenantId }) => tenantId),
    terms,
  )
  const ids = await stillDue(ctx, due, changed, terms)
  const prepared: PreparedAccount[] = []
  for (const slice of slices(ids)) {
    const accounts = await readAccounts(ctx, slice, terms, ctx.clock.now())
    const charged = await chargedLines(
      ctx,
      accounts.flatMap(({ adjustments }) => adjustments.map(({ id }) => id)),
    )
    prepared.push(...accounts.map((account) => prepareAccount(account, charged, terms, files)))
  }
  return prepared
}

/** A change may leave more to bill, or nothing: of whom one was applied, that is asked again. */
async function stillDue(
  ctx: Pick<Context, 'db' | 'clock'>,
  due: readonly DueSubscriptionId[],
  changed: readonly TenantId[],
  terms: RunTerms,
): Promise<SubscriptionId[]> {
  if (changed.length === 0) return due.flatMap((one) => (one.due ? [one.id] : []))
  const again = new Map<TenantId, SubscriptionId[]>(changed.map((tenant) => [tenant, []]))
  for (const one of await dueSubscriptions(ctx, changed, terms, ctx.clock.now()))
    if (one.due) again.get(one.tenantId)?.push(one.id)
  return due.flatMap((one) => {
    const ids = again.get(one.tenantId)
    if (!ids) return one.due ? [one.id] : []
    // All of a tenant's at the place of its first, so that the order of the subdomains stays.
    return ids.splice(0)
  })
}

/**
 * Bills the accounts in one transaction. What the database refuses is tried again in halves until the culprit stands
 * alone; that one is parked, and everybody else is billed (rule 14).
 * @param run null: all of it is taken back, so that a dry run finds what the database alone refuses too
 */
export async function billBatch(
  ctx: Context,
  run: HeldRun | null,
  due: readonly DueSubscriptionId[],
  terms: RunTerms,
  files: Files,
): Promise<BatchResult> {
  try {
    return await (run ? transaction : rehearse)(ctx, async (inner) => {
      if (run) await renewRun(inner, run)
      const accounts = await prepareBatch(inner, due, terms, files)
      await inner.failpoint('billing.in_batch')
      const written = await writeBatch(inner, run?.id ?? null, accounts, terms)
      if (run) await park(inner, run, accounts)
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
  return (run ? transaction : rehearse)(ctx, async (inner) => {
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
  ctx: Pick<Context, 'db' | 'actor'>,
  run: HeldRun,
  accounts: readonly PreparedAccount[],
): Promise<void> {
  const parked = accounts
    .filter(({ outcome, account }) => outcome === 'parked' && !account.parked)
    .map(({ account, reason }) => ({ tenant_id: account.tenantId, ...reason }))
  if (parked.length === 0) return
  const added = await rows<{ tenant_id: TenantId; code: string; reason: string; subdomain: string }>(
    ctx.db,
    sql`with added as (
          insert into public.parked_accounts (tenant_id, run_id, code, reason, details)
          select r.tenant_id, ${run.id}::uuid, r.code, r.message, coalesce(r.details, '{}')
          from jsonb_to_recordset(${JSON.stringify(parked)}::jsonb) as r (tenant_id uuid, code text, message text, details jsonb)
          on conflict (tenant_id) where released_at is null do nothing returning tenant_id, code, reason)
        select added.*, t.subdomain from added join public.tenants t on t.id = added.tenant_id`,
  )
  for (const { tenant_id: tenantId, subdomain: subject, code, reason } of added) {
    await audit(ctx, {
      ...{ action: 'billing.park', subjectKind: 'tenant', subject, tenantId, outcome: 'succeeded' },
      after: { code, reason, run_id: run.id },
    })
  }
}
