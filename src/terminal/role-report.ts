/** What a person reads after commands about roles, permissions and access. */
import { formatFacts, hanging } from './format.js'
import { formatTable } from './table.js'
import type { Page } from '../database/keyset.js'
import type { Access } from '../people/access.js'
import type { ChangedRoleSet } from '../people/roles.js'
import type { PermissionItem, RoleListItem, ShownRole } from '../views/roles.js'
import type { Terminal } from './terminal.js'

export function formatRoles({ items }: Page<RoleListItem>, { width, out }: Terminal): string {
  return formatTable(
    items,
    [
      { title: 'Role', value: (one) => one.code },
      { title: 'Name', value: (one) => one.name, flexible: true },
      { title: 'Of', value: (one) => (one.built_in ? 'built in' : (one.tenant ?? 'all tenants')) },
      { title: 'Permissions', value: (one) => one.permissions, align: 'right' },
      { title: 'Members', value: (one) => one.members, align: 'right' },
    ],
    width,
    out.bold,
  )
}

export function formatRole({ role }: { role: ShownRole }, { width, out }: Terminal): string {
  const facts = formatFacts(
    [
      ['Name', role.name],
      ['Description', role.description],
      ['Of', role.built_in ? 'all tenants, built in' : (role.tenant ?? 'all tenants')],
      ['Permissions', role.permissions.join(', ') || 'none'],
    ],
    width,
  )
  const members =
    role.members.length === 0
      ? 'Nobody has it.'
      : formatTable(
          role.members,
          [
            { title: 'Member', value: (one) => one.user, flexible: true },
            { title: 'Tenant', value: (one) => one.tenant, flexible: true },
            { title: 'State', value: (one) => one.status },
          ],
          width,
          out.bold,
        )
  return `${out.bold(role.code)}\n${facts}\n\n${members}`
}

/** @param done `created`, `changed`, `deleted` */
export function formatChangedRoleSet(
  { changed, dry_run, role }: ChangedRoleSet,
  done: string,
  { width, out }: Terminal,
): string {
  const of = role.tenant === null ? 'all tenants' : role.tenant
  if (!changed) return `${out.bold(role.code)} of ${of} is so already: nothing to change.`
  const facts = formatFacts(
    [
      ['Name', role.name],
      ['Description', role.description],
      ['Permissions', role.permissions.join(', ') || 'none'],
    ],
    width,
  )
  return `${out.bold(role.code)} of ${of} ${dry_run ? 'would be' : 'is'} ${done}.\n${facts}`
}

export function formatPermissions({ items }: Page<PermissionItem>, { width, out }: Terminal): string {
  return formatTable(
    items,
    [
      { title: 'Permission', value: (one) => one.code },
      { title: 'What it allows', value: (one) => one.description, flexible: true },
      { title: 'Roles of all tenants', value: (one) => one.roles.join(', '), flexible: true },
    ],
    width,
    out.bold,
  )
}

const reasons: Readonly<Record<string, string>> = {
  user_invited: 'the account is only invited',
  user_disabled: 'the account is disabled',
  not_a_member: 'they do not belong to the tenant',
  membership_invited: 'they have not accepted the invitation',
  permission_missing: 'the role does not have the permission',
  not_subscribed: 'the tenant is not subscribed to the module',
  no_subscription: 'the tenant has no subscription',
  subscription_suspended: 'the subscription is suspended',
  subscription_cancelled: 'the subscription is cancelled',
}

export function formatAccess({ access }: { access: Access }, { width, out }: Terminal): string {
  const { allowed, reason, user, tenant, permission, membership, role_allows, subscription } = access
  const why = reason.startsWith('tenant_') ? `the tenant is ${tenant.status}` : (reasons[reason] ?? reason)
  const verdict = allowed ? out.green('may') : out.red('may not')
  const facts = formatFacts(
    [
      ['Tenant', `${tenant.subdomain}, ${tenant.status}`],
      ['Account', user.status],
      ['Member', membership ? `as ${membership.role}, ${membership.status}` : 'no'],
      ['Role', role_allows === null ? null : `${role_allows ? 'has' : 'has not'} ${permission}`],
      [
        'Subscription',
        `${subscription.module}: ${subscription.reason.replaceAll('_', ' ')}${subscription.until ? `, until ${subscription.until}` : ''}`,
      ],
    ],
    width,
  )
  const answer = `${out.bold(user.email)} ${verdict} ${permission} in ${tenant.subdomain}${allowed ? '' : `: ${why}`}.`
  return `${hanging(answer, 0, width)}\n${facts}`
}
