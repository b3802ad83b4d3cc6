/** What a person reads after `tenant list`. */
import { formatColumns, type Fields } from './lists.js'
import { formatTime } from './format.js'
import { paintState } from './states.js'
import type { TenantList, TenantListItem } from '../views/tenants.js'
import type { Terminal } from './terminal.js'

/** Each column reads the field of its own name alone: with `--fields` the others are not there. */
export const tenantFields: Fields<TenantListItem> = {
  subdomain: { title: 'Subdomain', value: (tenant) => tenant.subdomain, flexible: true },
  name: { title: 'Name', value: (tenant) => tenant.name, flexible: true },
  status: { title: 'Status', value: (tenant) => tenant.status },
  tier: { title: 'Tier', value: (tenant) => tenant.tier },
  modules: {
    title: 'Modules',
    value: (tenant) => tenant.modules.join(', ') || null,
    flexible: true,
  },
  subscription_status: { title: 'Subscription', value: (tenant) => tenant.subscription_status },
  cycle: { title: 'Cycle', value: (tenant) => tenant.cycle },
  currency: { title: 'Currency', value: (tenant) => tenant.currency },
  people: { title: 'People', value: (tenant) => tenant.people, align: 'right' },
  country: { title: 'Country', value: (tenant) => tenant.country },
  schema: { title: 'Schema', value: (tenant) => tenant.schema, flexible: true },
  created_at: { title: 'Created', value: (tenant) => formatTime(tenant.created_at) },
  activated_at: { title: 'Activated', value: (tenant) => formatTime(tenant.activated_at) },
  id: { title: 'Id', value: (tenant) => tenant.id },
}

const usual = ['subdomain', 'name', 'status', 'tier', 'modules']
const roomy = [...usual, 'people', 'created_at']
const roomyWidth = 120

export function formatTenants(
  list: TenantList,
  fields: readonly string[] | undefined,
  filtered: boolean,
  terminal: Terminal,
): string {
  if (list.items.length === 0) return filtered ? 'No tenant matches.' : noTenant
  const { out } = terminal
  const painted = list.items.map((tenant) =>
    tenant.status ? { ...tenant, status: paintState(tenant.status, out) } : tenant,
  )
  return formatColumns(
    painted,
    tenantFields,
    fields ?? (terminal.width < roomyWidth ? usual : roomy),
    terminal,
  )
}

const noTenant =
  'There is no tenant yet. Make one: erpmax tenant create acme --name "Acme Industries" --admin-email admin@acme.test'

/** `12 tenants: 10 active, 2 suspended`, `20 of 35 tenants, all active`. */
export function totalOf({ total, by_status, items }: TenantList): string | null {
  const [first, ...others] = Object.entries(by_status)
  if (!first) return null
  const shown = items.length < total ? `${items.length} of ` : ''
  if (others.length === 0)
    return total === 1 ? `1 tenant, ${first[0]}` : `${shown}${total} tenants, all ${first[0]}`
  const states = [first, ...others].map(([status, count]) => `${count} ${status}`)
  return `${shown}${total} tenants: ${states.join(', ')}`
}
