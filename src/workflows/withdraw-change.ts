/** `subscription withdraw`: a change that waits for its day does not happen. */
import { overview, type ScheduledChangeJson, type SubscriptionOverview } from '../billing/overview.js'
import { execute, rows, sql } from '../database/sql.js'
import { ErpmaxError } from '../kernel/errors.js'
import { audit } from '../operations/audit.js'
import { announceChange } from '../subscriptions/announce.js'
import { readCatalogue } from '../subscriptions/catalogue.js'
import { decideChange, scheduledChanges, type ScheduledChange } from '../subscriptions/changes.js'
import { holdSubscription, type Held } from '../subscriptions/hold.js'
import { paidModulesOn, requireFits } from '../subscriptions/limits.js'
import { findTier } from '../subscriptions/selection.js'
import { withdrawCancellation } from './cancel-subscription.js'
import type { Context } from '../kernel/context.js'

export interface WithdrawnChange {
  dry_run: boolean
  changed: boolean
  change: Omit<ScheduledChangeJson, 'reason'> & { status: string }
  subscription: SubscriptionOverview
}

type FoundChange = ScheduledChange & { status: string }

/**
 * @param idOrBeginning as `subscription show` prints it, or its first characters
 * @throws not_found `change.not_found`; conflict `change.ambiguous`, `change.applied`, `module.requires`,
 * `tier.too_many_modules`
 */
export async function withdrawChange(
  ctx: Context,
  subdomainOrId: string,
  idOrBeginning: string,
  dryRun: boolean,
): Promise<WithdrawnChange> {
  return holdSubscription(ctx, subdomainOrId, { action: 'subscribe', dryRun }, async (inner, held) => {
    const { tenant, today } = held
    const found = await findChange(inner, held, idOrBeginning)
    const { id, kind, module_code, effective_on, before, after, status } = found
    if (status === 'applied') {
      throw new ErpmaxError(
        'conflict',
        'change.applied',
        `This change is in force since ${effective_on}: it cannot be withdrawn any more`,
        { hint: `erpmax subscription history ${tenant.subdomain}`, details: { id, effective_on } },
      )
    }
    if (status === 'scheduled') await withdraw(inner, held, found)
    return {
      dry_run: dryRun,
      changed: status === 'scheduled',
      change: { ...{ id, kind, module: module_code, effective_on, before, after }, status: 'withdrawn' },
      subscription: await overview(inner, tenant, today),
    }
  })
}

async function withdraw(ctx: Context, held: Held, change: FoundChange): Promise<void> {
  const { tenant } = held
  if (change.kind === 'cancel') return withdrawCancellation(ctx, held)
  if (change.kind === 'remove_module') await keepModule(ctx, held, change)
  await decideChange(ctx, change.id, 'withdrawn')
  await announceChange(ctx, change.id)
  await audit(ctx, {
    ...{
      action: 'subscription.withdraw',
      subjectKind: 'tenant',
      subject: tenant.subdomain,
      tenantId: tenant.id,
    },
    outcome: 'succeeded',
    before: {
      kind: change.kind,
      ...(change.module_code ? { module: change.module_code } : {}),
      ...{ effective_on: change.effective_on, wanted: change.after },
    },
  })
}

/** What was to be removed is held without an end again, where that still fits. */
async function keepModule(
  ctx: Context,
  { subscription, tenant, today }: Held,
  change: FoundChange,
): Promise<void> {
  const { module_code: code, effective_on: on } = change
  const catalogue = await readCatalogue(ctx, today)
  const module = catalogue.modules.find((one) => one.code === code)
  const stays = (wanted: string): boolean =>
    subscription.items.some((item) => item.kind === 'module' && item.code === wanted && item.to === null)
  const missing = module?.requires.find((wanted) => !stays(wanted))
  const scheduled = await scheduledChanges(ctx, subscription.id)
  if (module && missing !== undefined) {
    const first = scheduled.find((one) => one.kind === 'remove_module' && one.module_code === missing)
    throw new ErpmaxError(
      'conflict',
      'module.requires',
      `${module.name} needs ${missing}, which is to be removed too`,
      {
        hint: `erpmax subscription withdraw ${tenant.subdomain} ${first?.id ?? '<change>'}`,
        details: { module: module.code, missing: [missing] },
      },
    )
  }
  const items = subscription.items.map((item) =>
    item.kind === 'module' && item.code === code && item.to === on ? { ...item, to: null } : item,
  )
  const tier = scheduled.find((one) => one.kind === 'tier')?.after.tier
  const modules = paidModulesOn(catalogue, items, on)
  const facts = { subdomain: tenant.subdomain, current: subscription.tier, day: on, atOnce: false }
  for (const limit of [subscription.tier, ...(tier === undefined ? [] : [String(tier)])])
    requireFits(catalogue, findTier(catalogue, limit), { modules, users: 0 }, facts)
  await execute(
    ctx.db,
    sql`update public.subscription_items set active = daterange(lower(active), null), updated_at = now()
        where subscription_id = ${subscription.id} and kind = 'module' and product_code = ${code}
          and not isempty(active) and upper(active) = ${on}::date`,
  )
}

async function findChange(ctx: Context, { subscription, tenant }: Held, text: string): Promise<FoundChange> {
  const found = /^[0-9a-f-]{4,36}$/i.test(text)
    ? await rows<FoundChange>(
        ctx.db,
        sql`select id, kind, module_code, before, after, effective_on, reason, status from public.subscription_changes
            where subscription_id = ${subscription.id} and id::text like ${`${text.toLowerCase()}%`}
            order by status = 'scheduled' desc, created_at desc limit 3`,
      )
    : []
  if (found.length > 1) {
    throw new ErpmaxError('conflict', 'change.ambiguous', `More than one change begins with ${text}`, {
      hint: `erpmax subscription withdraw ${tenant.subdomain} ${found[0]?.id}`,
      details: { ids: found.map(({ id }) => id) },
    })
  }
  if (found[0]) return found[0]
  throw new ErpmaxError(
    'not_found',
    'change.not_found',
    `${tenant.subdomain} has no change "${text.slice(0, 40)}"`,
    { hint: `erpmax subscription show ${tenant.subdomain}` },
  )
}
