/** What `tenant reconcile` can find: a stable code each, in words, and the command that mends it. */
import { isSchemaName, type SubscriptionId, type TenantId } from '../../kernel/ids.js'
import type { PlainDate } from '../../kernel/dates.js'

export type FindingKind =
  | 'placement.missing'
  | 'schema.missing'
  | 'schema.orphaned'
  | 'schema.different'
  | 'table.missing'
  | 'table.extra'
  | 'fingerprint.stale'
  | 'state.lies'
  | 'job.abandoned'
  | 'subscription.missing'
  | 'subscription.base_missing'
  | 'subscription.platform_missing'
  | 'subscription.tier_differs'

export interface Finding {
  kind: FindingKind
  tenant: string | null
  status: string | null
  schema: string | null
  message: string
  /** Those that are missing or should not be there. */
  tables: string[]
  /** The command that mends it, or shows what a person has to decide; null where only SQL helps. */
  next: string | null
  /** Whether `--fix` mends it. */
  fixable: boolean
  fixed: boolean
  /** Why `--fix` could not. */
  error: { code: string; message: string } | null
}

/** What `--fix` does about a finding. */
export type Fix =
  | { what: 'fail_tenant'; tenantId: TenantId; jobId: string | null }
  | { what: 'fail_job'; jobId: string; subject: string }
  | { what: 'record_fingerprint'; tenantId: TenantId }
  | { what: 'hold_base'; subscription: { id: SubscriptionId; today: PlainDate }; module: string }

export interface Found {
  finding: Finding
  tenantId: TenantId | null
  fix: Fix | null
}

/** A tenant as far as findings are about it. */
export interface Subject {
  id: TenantId
  subdomain: string
  status: string
  schema_name: string | null
}

export function about(
  { id, subdomain, status, schema_name }: Subject,
  kind: FindingKind,
  message: string,
  more: { next?: string; tables?: string[]; fix?: Fix } = {},
): Found {
  const fixing = `erpmax tenant reconcile ${subdomain} --fix`
  return {
    finding: {
      ...{ kind, tenant: subdomain, status, schema: schema_name, message },
      tables: more.tables ?? [],
      next: more.fix ? fixing : (more.next ?? null),
      ...{ fixable: more.fix !== undefined, fixed: false, error: null },
    },
    tenantId: id,
    fix: more.fix ?? null,
  }
}

export function orphaned(schema: string, tables: number): Found {
  return {
    finding: {
      ...{ kind: 'schema.orphaned', tenant: null, status: null, schema },
      message: `The schema ${schema} with ${counted(tables, 'table')} belongs to no tenant`,
      ...{ tables: [], fixable: false, fixed: false, error: null },
      next: isSchemaName(schema) ? dropping(schema) : null,
    },
    tenantId: null,
    fix: null,
  }
}

/** @param tenant null: the job's tenant is gone */
export function abandoned(job: { id: string; kind: string; subject: string }, tenant: Subject | null): Found {
  const message = `The job ${job.kind} of ${job.subject} runs on paper only: its process is gone`
  const fix: Fix = { what: 'fail_job', jobId: job.id, subject: job.subject }
  if (tenant) return about(tenant, 'job.abandoned', message, { fix })
  return {
    finding: {
      ...{ kind: 'job.abandoned', tenant: null, status: null, schema: null, message },
      ...{
        tables: [],
        next: 'erpmax tenant reconcile --fix --yes',
        fixable: true,
        fixed: false,
        error: null,
      },
    },
    tenantId: null,
    fix,
  }
}

/** The name is the confirmation: of a tenant, or of a schema that belongs to none. */
export function dropping(name: string): string {
  return `erpmax schema drop ${name} --confirm ${name}`
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
