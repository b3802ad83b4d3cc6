/** Judges one tenant by what was read of it: whether its state tells the truth about its schema. */
import { statesWithSchema } from '../../tenants/states.js'
import { about, counted, dropping, type Found, type Subject } from './findings.js'
import type { UnsoundSubscription } from '../../subscriptions/soundness.js'
import type { SchemaVerdict } from '../../schemas/verify.js'
import type { TableSet } from '../../schemas/table-sets.js'

export interface Seen extends Subject {
  recorded: string | null
  /** Null: there is no such schema. */
  tables: TableSet | null
  /** The running job that nobody works at, where there is one. */
  deadJob: string | null
}

/** Nobody works at the tenant at this moment. */
export function judgeState(seen: Seen): Found[] {
  const { status, schema_name: schema, subdomain, id } = seen
  if (schema === null && status !== 'deleted')
    return [about(seen, 'placement.missing', 'It has no placement: nothing says where its schema is')]
  const left = seen.tables ? counted(seen.tables.tables, 'table') : null
  switch (status) {
    case 'active':
    case 'suspended':
    case 'archived':
      return judgeTables(seen)
    case 'provisioning':
      return [
        about(
          seen,
          'state.lies',
          'Its creation stopped half-way, and nobody is at work: its tenant create again continues, --fix marks it as failed',
          { fix: { what: 'fail_tenant', tenantId: id, jobId: seen.deadJob } },
        ),
      ]
    case 'restoring':
      return [
        about(
          seen,
          'state.lies',
          'It is being restored, and nobody is at work: restore it again from its backup',
          {
            next: `erpmax job list --tenant ${subdomain}`,
          },
        ),
      ]
    case 'deleting':
      return [
        about(seen, 'state.lies', 'It is being deleted, and nobody is at work', {
          next: `erpmax tenant delete ${subdomain} --confirm ${subdomain}`,
        }),
      ]
    case 'failed':
      return left === null
        ? []
        : [
            about(
              seen,
              'state.lies',
              `It failed, and its schema is still there with ${left}: the command that created it goes on from there, or it is dropped`,
              { next: dropping(subdomain) },
            ),
          ]
    default:
      return left === null || schema === null
        ? []
        : [
            about(seen, 'state.lies', `It is ${status}, and its schema is still there with ${left}`, {
              ...(status === 'deleted' ? { next: dropping(schema) } : {}),
            }),
          ]
  }
}

function judgeTables(seen: Seen): Found[] {
  const { subdomain, status, schema_name: schema, tables } = seen
  if (!tables) {
    return [
      about(
        seen,
        'schema.missing',
        `It is ${status}, and its schema ${schema} does not exist: built anew it is empty, its data is in a backup`,
        {
          next: mending('provision', seen),
        },
      ),
    ]
  }
  const found: Found[] = []
  if (tables.missing.length > 0) {
    found.push(
      about(seen, 'table.missing', `${counted(tables.missing.length, 'table')} missing`, {
        tables: tables.missing,
        next: mending('repair', seen),
      }),
    )
  }
  if (tables.extra.length > 0) {
    found.push(
      about(seen, 'table.extra', `${counted(tables.extra.length, 'table')} that should not be there`, {
        tables: tables.extra,
        next: `erpmax schema verify ${subdomain}`,
      }),
    )
  }
  return found
}

/** The gate lets nobody at the schema of a tenant that may not work: what keeps it from that comes first. */
function mending(what: 'repair' | 'provision', { status, subdomain }: Subject): string {
  return status === 'active' ? `erpmax schema ${what} ${subdomain}` : `erpmax tenant show ${subdomain}`
}

/** Whether the schema is to be looked at as a whole: it is complete, and what is on record is not what it should be. */
export function isDoubtful({ status, tables, recorded }: Seen, expected: string): boolean {
  const complete = tables !== null && tables.missing.length + tables.extra.length === 0
  return hasSchema(status) && complete && recorded !== expected
}

export function hasSchema(status: string): boolean {
  return (statesWithSchema as readonly string[]).includes(status)
}

/** What a comparison with `schema.json` shows beyond the set of tables. */
export function judgeVerdict(seen: Seen, { state, differences, fingerprint }: SchemaVerdict): Found[] {
  if (state === 'whole') {
    if (seen.recorded === fingerprint) return []
    return [
      about(seen, 'fingerprint.stale', 'Its schema is whole, and another fingerprint is on record', {
        fix: { what: 'record_fingerprint', tenantId: seen.id },
      }),
    ]
  }
  const inside = differences.filter(({ kind }) => kind !== 'table')
  if (inside.length === 0) return []
  const repairable = inside.every(({ problem }) => problem === 'missing')
  return [
    about(
      seen,
      'schema.different',
      `${counted(inside.length, 'difference')} in columns, indexes or keys of its tables`,
      {
        tables: [...new Set(inside.map(({ table }) => table))],
        next: repairable ? mending('repair', seen) : `erpmax schema verify ${seen.subdomain}`,
      },
    ),
  ]
}

export function judgeSubscription(
  seen: Seen,
  { id, today, tier, base_missing, platform }: UnsoundSubscription,
): Found[] {
  const next = `erpmax tenant show ${seen.subdomain}`
  if (id === null) return [about(seen, 'subscription.missing', 'It never had a subscription', { next })]
  const found = base_missing.map((module) =>
    about(seen, 'subscription.base_missing', `Its subscription lacks ${module}, which every tenant has`, {
      fix: { what: 'hold_base', subscription: { id, today }, module },
    }),
  )
  if (platform === null)
    found.push(
      about(seen, 'subscription.platform_missing', `Its subscription lacks the fee of its tier ${tier}`, {
        next,
      }),
    )
  else if (platform !== tier)
    found.push(
      about(
        seen,
        'subscription.tier_differs',
        `Its subscription is ${tier}, and the fee it holds is that of ${platform}`,
        { next },
      ),
    )
  return found
}
