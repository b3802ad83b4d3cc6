/** Brings the control plane to this program's version, and leaves a line in the audit log. */
import { migrateControlPlane, migrationState } from '../database/migrate.js'
import { audit } from './audit.js'
import type { Context } from '../kernel/context.js'

export interface Migrated {
  applied: string[]
  pending: string[]
}

/** With `dryRun` only says what is pending. */
export async function migrate(ctx: Pick<Context, 'db' | 'actor'>, dryRun: boolean): Promise<Migrated> {
  const applied = dryRun ? [] : await migrateControlPlane(ctx.db)
  if (applied.length > 0) {
    await audit(ctx, {
      action: 'db.migrate',
      subjectKind: 'database',
      subject: 'control plane',
      outcome: 'succeeded',
      after: { applied },
    })
  }
  return { applied, pending: (await migrationState(ctx.db)).pending }
}
