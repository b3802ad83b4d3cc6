/** What `backup restore` hands back: the contract of its JSON output. */
import { readTenant, type TenantJson } from '../tenants/read.js'
import { newSchemaName } from '../tenants/subdomain.js'
import { publicUrl } from './create-tenant-result.js'
import type { Context } from '../kernel/context.js'
import type { ControlDocument } from './control-document.js'
import type { RestorePlan } from './plan-restore.js'
import type { LoadedTenant } from './restore-load.js'
import type { WholeBackup } from './restore-tenant.js'

interface RestoreFacts {
  /** Whether a new tenant was made. */
  created: boolean
  backup: {
    file: string
    sha256: string
    created_at: string | null
    /** The subdomain of the tenant it was made of. */
    tenant: string
    tables: number
    rows: number
  }
  /** Of the tenant it was made of, for information: nothing is subscribed to by a restore. */
  subscription: ControlDocument['subscription']
  /** The commands to type next. */
  next: string[]
}

export interface RestoredTenant extends RestoreFacts {
  dry_run: false
  tenant: TenantJson
  /** Of owners who were invited, shown once. */
  invitations: { email: string; role: string; invitation_url: string }[]
}

export interface PlannedRestore extends RestoreFacts {
  dry_run: true
  tenant: TenantJson | Omit<TenantJson, 'id' | 'created_at' | 'activated_at'>
  invitations: []
}

export function restoredTenant(
  ctx: Pick<Context, 'config'>,
  plan: RestorePlan,
  backup: WholeBackup,
  { tenant, invited }: LoadedTenant,
): RestoredTenant {
  return {
    dry_run: false,
    tenant,
    ...facts(plan, backup),
    invitations: invited.flatMap(({ email, role, invitation }) =>
      invitation
        ? [{ email, role, invitation_url: `${publicUrl(ctx)}/invitations/${invitation.reveal()}` }]
        : [],
    ),
  }
}

export async function plannedRestore(
  ctx: Pick<Context, 'db'>,
  plan: RestorePlan,
  backup: WholeBackup,
): Promise<PlannedRestore> {
  const { country_code: country, state_code: state, ...profile } = backup.control.profile
  const { subdomain, replaces } = plan
  return {
    dry_run: true,
    tenant: {
      ...(replaces
        ? await readTenant(ctx, replaces)
        : { subdomain, status: 'active', schema: newSchemaName(subdomain) }),
      ...{ ...profile, country, state },
    },
    ...facts(plan, backup),
    invitations: [],
  }
}

function facts(plan: RestorePlan, { verdict, sha256, control }: WholeBackup): RestoreFacts {
  const { file, created_at, tables, rows } = verdict
  const created = plan.replaces === null
  return {
    created,
    backup: { file, sha256, created_at, tenant: plan.head.tenant.subdomain, tables, rows },
    subscription: control.subscription,
    next: [
      `erpmax tenant show ${plan.subdomain}`,
      `erpmax schema verify ${plan.subdomain}`,
      ...(created && control.subscription ? [startAgain(plan.subdomain, control.subscription)] : []),
    ],
  }
}

/** A new tenant has no subscription: this is the one the other had. */
function startAgain(
  subdomain: string,
  { tier, cycle, modules }: NonNullable<ControlDocument['subscription']>,
): string {
  const paid = modules.filter((code) => code !== 'system_admin')
  const chosen = paid.length > 0 ? ` --modules ${paid.join(',')}` : ''
  return `erpmax subscription start ${subdomain} --tier ${tier} --cycle ${cycle}${chosen}`
}
