/** What a person reads after commands about people. */
import { formatFacts, formatTime, hanging } from './format.js'
import { paintState } from './states.js'
import { formatTable } from './table.js'
import type { Page } from '../database/keyset.js'
import type { ChangedRole, TransferredOwnership } from '../people/change-role.js'
import type { RemovedMember } from '../people/remove-member.js'
import type { RequestedReset } from '../people/reset-password.js'
import type { ChangedStatus } from '../people/set-status.js'
import type { ShownUser, UserListItem } from '../views/users.js'
import type { Terminal } from './terminal.js'

export function formatUsers(
  { items }: Page<UserListItem>,
  tenant: string | undefined,
  filtered: boolean,
  { width, out }: Terminal,
): string {
  if (items.length === 0) {
    if (filtered) return 'Nobody matches.'
    return tenant === undefined ? 'There are no users yet.' : `Nobody belongs to ${tenant} yet.`
  }
  return formatTable(
    items,
    [
      { title: 'E-mail', value: (one) => one.email, flexible: true },
      { title: 'Name', value: (one) => one.full_name, flexible: true },
      { title: 'Account', value: (one) => paintState(one.status, out) },
      tenant === undefined
        ? { title: 'Tenants', value: (one) => placesOf(one), flexible: true }
        : { title: 'Role', value: (one) => one.memberships.map(({ role }) => role).join(', ') },
      ...(tenant === undefined
        ? []
        : [
            {
              title: 'Member',
              value: (one: UserListItem) =>
                one.memberships.map(({ status }) => paintState(status, out)).join(', '),
            },
          ]),
    ],
    width,
    out.bold,
  )
}

function placesOf({ memberships }: UserListItem): string {
  return memberships
    .map(({ tenant, role, status }) => `${tenant} (${status === 'active' ? role : status})`)
    .join(', ')
}

export function formatUser({ user }: { user: ShownUser }, { width, out }: Terminal): string {
  const facts = formatFacts(
    [
      ['Name', user.full_name],
      ['Account', paintState(user.status, out)],
      ['Password', user.has_password ? 'set' : 'not set'],
      ['Language', user.language],
      ['Since', formatTime(user.created_at)],
      ['Id', user.id],
    ],
    width,
  )
  const places =
    user.memberships.length === 0
      ? 'Belongs to no tenant.'
      : formatTable(
          user.memberships,
          [
            { title: 'Tenant', value: (one) => `${one.tenant}${one.is_default ? ' *' : ''}`, flexible: true },
            { title: 'Role', value: (one) => one.role },
            { title: 'In the ERP', value: (one) => one.erp_role ?? 'by role' },
            { title: 'State', value: (one) => paintState(one.status, out) },
            { title: 'Since', value: (one) => formatTime(one.since) },
          ],
          width,
          out.bold,
        )
  const open = user.invitations.filter(({ status }) => status === 'pending' || status === 'expired')
  const invitations = open.map(
    ({ tenant, status, expires_at }) => `Invitation to ${tenant}: ${status}, ${formatTime(expires_at)}`,
  )
  return [out.bold(user.email), facts, '', places, ...invitations].join('\n')
}

export function formatChangedRole(
  { changed, dry_run, member, before }: ChangedRole,
  { width }: Terminal,
): string {
  const name = (role: string, rank: string | null): string =>
    rank === null ? role : `${role} (${rank} in the ERP)`
  const now = name(member.role, member.erp_role)
  if (!changed) return `${member.user} is ${now} of ${member.tenant} already.`
  const what = `${member.user} ${dry_run ? 'would be' : 'is'} ${now} of ${member.tenant}`
  return hanging(`${what}, and was ${name(before.role, before.erp_role)}.`, 0, width)
}

export function formatTransferred(
  { changed, dry_run, tenant, owner, former_owner }: TransferredOwnership,
  { width }: Terminal,
): string {
  if (!changed) return `${owner} is the owner of ${tenant} already.`
  const be = dry_run ? 'would be' : 'is'
  const what = `${owner} ${be} an owner of ${tenant}; ${former_owner} ${be} an administrator.`
  return hanging(what, 0, width)
}

export function formatRemoved({ changed, dry_run, member, sessions_ended }: RemovedMember): string {
  if (!changed) return `${member.user} was removed from ${member.tenant} before.`
  const what = `${member.user} ${dry_run ? 'would be' : 'is'} removed from ${member.tenant}`
  return `${what}${sessionsOf(sessions_ended)}.`
}

export function formatStatus(
  { changed, dry_run, user, tenants, sessions_ended }: ChangedStatus,
  { width }: Terminal,
): string {
  if (!changed) return `${user.email} is ${user.status} already.`
  const where = tenants.length === 0 ? '' : `, in ${tenants.join(', ')}`
  const what = `${user.email} ${dry_run ? 'would be' : 'is'} ${user.status}${where}`
  return hanging(`${what}${sessionsOf(sessions_ended)}.`, 0, width)
}

function sessionsOf(ended: number): string {
  return ended === 0 ? '' : `; ${ended === 1 ? '1 session' : `${ended} sessions`} ended`
}

export function formatReset(
  { user, expires_at, reset_url, token, mailed }: RequestedReset,
  { out, width }: Terminal,
): string {
  const how = mailed ? 'The link is queued as a mail' : 'Nothing is mailed'
  const what = `A new password can be set for ${out.bold(user.email)} until ${formatTime(expires_at)}.`
  return [hanging(`${what} ${how}; it is shown here once:`, 0, width), reset_url ?? token].join('\n')
}
