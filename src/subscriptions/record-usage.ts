/** Records usage, each key once: one statement for thousands of lines, an outcome for each of them. */
import { changeOrRehearse } from '../database/rehearse.js'
import { transaction } from '../database/transaction.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { findTenant } from '../tenants/find.js'
import { recordBatch, type Judged, type Stored } from './usage-batch.js'
import type { Context } from '../kernel/context.js'
import { usageRecord, type Metric, type UsageFields, type UsageLine } from './usage-lines.js'

/** Lines of a transaction: large enough for the statement to be what counts, small enough for a suspension to wait. */
const batchSize = 5_000

export interface UsageOutcome {
  line: number
  tenant: string | null
  key: string | null
  outcome: 'recorded' | 'already_recorded' | 'failed'
  error: { code: string; message: string } | null
}

export interface UsageRecorded {
  tenant: string
  metric: Metric
  quantity: bigint
  key: string
  at: string
  /** False where this key was recorded before. */
  recorded: boolean
  dry_run: boolean
}

/** @throws not_found, conflict `usage.key_reused` where the key stands for something else, or what the gate says */
export async function recordUsage(
  ctx: Context,
  fields: UsageFields,
  dryRun: boolean,
): Promise<UsageRecorded> {
  const given = usageRecord(fields, ctx.clock.now())
  const { id, subdomain } = await findTenant(ctx, given.tenant)
  const record = { ...given, tenant: subdomain }
  return changeOrRehearse(ctx, dryRun, async (inner) => {
    const [judged] = await recordBatch(inner, [{ line: 1, record, error: null }], new Map())
    if (judged?.outcome instanceof ErpmaxError) throw judged.outcome
    if (!judged?.at) throw new Error('no outcome')
    const recorded = judged.outcome === 'recorded'
    const { metric, quantity, key } = record
    if (recorded) {
      await audit(inner, {
        action: 'usage.record',
        subjectKind: 'tenant',
        subject: subdomain,
        tenantId: id,
        outcome: 'succeeded',
        after: { metric, quantity: quantity.toString(), key, at: judged.at },
      })
    }
    return { tenant: subdomain, metric, quantity, key, at: judged.at, recorded, dry_run: dryRun }
  })
}

/**
 * Batch by batch, each a transaction of its own; a second run over the same lines records what the first did not.
 * @throws interrupted between two batches
 */
export async function* recordUsageLines(
  ctx: Context,
  lines: AsyncIterable<UsageLine>,
  dryRun: boolean,
): AsyncGenerator<UsageOutcome, void, void> {
  const tally = { recorded: 0, already_recorded: 0, failed: 0 }
  /** What a rehearsal would have recorded in earlier batches, which were rolled back. */
  const rehearsed = new Map<string, Stored>()
  const flush = async (batch: readonly UsageLine[]): Promise<UsageOutcome[]> => {
    if (ctx.signal.aborted) {
      throw new ErpmaxError('interrupted', 'interrupted', 'Interrupted between two batches', {
        hint: 'The same command again goes on: what is recorded stays recorded',
        details: { ...tally },
      })
    }
    const judged = await changeOrRehearse(ctx, dryRun, (inner) =>
      recordBatch(inner, batch, dryRun ? rehearsed : new Map()),
    )
    const outcomes = judged.map(outcomeOf)
    for (const { outcome } of outcomes) tally[outcome] += 1
    return outcomes
  }
  let batch: UsageLine[] = []
  for await (const line of lines) {
    batch.push(line)
    if (batch.length < batchSize) continue
    yield* await flush(batch)
    batch = []
  }
  if (batch.length > 0) yield* await flush(batch)
  if (dryRun) return
  await transaction(ctx, (inner) =>
    audit(inner, {
      action: 'usage.record',
      subjectKind: 'usage',
      subject: `${tally.recorded + tally.already_recorded + tally.failed} lines`,
      outcome: tally.failed === 0 ? 'succeeded' : 'failed',
      after: tally,
      ...(tally.failed > 0 ? { errorCode: 'bulk.partial' } : {}),
    }),
  )
}

function outcomeOf({ line, outcome }: Judged): UsageOutcome {
  const failed = outcome instanceof ErpmaxError
  return {
    line: line.line,
    tenant: line.record?.tenant ?? null,
    key: line.record?.key ?? null,
    outcome: failed ? 'failed' : outcome,
    error: failed ? { code: outcome.code, message: outcome.message } : null,
  }
}
