/** What a person reads after commands about invitations. */
import { formatTime, hanging } from './format.js'
import { paintState } from './states.js'
import { formatTable } from './table.js'
import type { Page } from '../database/keyset.js'
import type { AcceptedInvitation } from '../people/invitations/accept.js'
import type { InvitedUser } from '../people/invitations/invite.js'
import type { Handover } from '../people/invitations/issue.js'
import type { ResentInvitation, RevokedInvitation } from '../people/invitations/renew.js'
import type { InvitationListItem } from '../views/invitations.js'
import type { Terminal } from './terminal.js'

export function formatInvited(result: InvitedUser, { out, width }: Terminal): string {
  const { invitation, user, dry_run } = result
  const account =
    user.created === false
      ? 'An account of that address is there already: who has a password keeps it.'
      : user.created && 'They get an account when they accept.'
  const what = `${out.bold(invitation.email)} ${dry_run ? 'would be' : 'is'} invited to ${invitation.tenant} as ${invitation.role}, until ${formatTime(invitation.expires_at)}.${account ? ` ${account}` : ''}`
  return [hanging(what, 0, width), ...handover(result)].join('\n')
}

export function formatResent(result: ResentInvitation, { out, width }: Terminal): string {
  const { email, tenant, role, expires_at } = result.invitation
  return [
    hanging(
      `${out.bold(email)} is invited to ${tenant} as ${role} again, until ${formatTime(expires_at)}; earlier links are dead.`,
      0,
      width,
    ),
    ...handover(result),
  ].join('\n')
}

/** The secret on a line of its own, to be copied. */
function handover({ invitation_url, token, mailed }: Handover): string[] {
  const secret = invitation_url ?? token
  if (secret === null)
    return mailed ? ['The link is queued as a mail to them, and shown to nobody else.'] : []
  return [`${mailed ? 'The link is queued as a mail' : 'Nothing is mailed'}; it is shown here once:`, secret]
}

export function formatRevoked({ changed, invitation }: RevokedInvitation): string {
  const { email, tenant, status } = invitation
  if (!changed) return `The invitation of ${email} to ${tenant} is ${status} already.`
  return `The invitation of ${email} to ${tenant} is taken back.`
}

export function formatAccepted(
  { user, membership, password_set }: AcceptedInvitation,
  { out, width }: Terminal,
): string {
  const password = password_set ? 'The password is set.' : 'The password stays as it was.'
  const what = `${out.bold(user.email)} is ${membership.role} of ${membership.tenant} (${membership.company}) now.`
  return hanging(`${what} ${password}`, 0, width)
}

export function formatInvitations(
  { items }: Page<InvitationListItem>,
  filtered: boolean,
  { width, out }: Terminal,
): string {
  if (items.length === 0) return filtered ? 'No invitation matches.' : 'Nobody has been invited yet.'
  return formatTable(
    items,
    [
      { title: 'E-mail', value: (one) => one.email, flexible: true },
      { title: 'Tenant', value: (one) => one.tenant, flexible: true },
      { title: 'Role', value: (one) => one.role },
      { title: 'State', value: (one) => paintState(one.status, out) },
      { title: 'Until', value: (one) => formatTime(one.expires_at) },
      { title: 'By', value: (one) => one.invited_by, flexible: true },
    ],
    width,
    out.bold,
  )
}
