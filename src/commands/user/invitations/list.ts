/** `user invitations list`: what was sent and what came of it. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../../terminal/base-command.js'
import { formatInvitations } from '../../../terminal/invitation-report.js'
import { commaList, pageFlags } from '../../../terminal/lists.js'
import { invitationStates, listInvitations, type InvitationListItem } from '../../../views/invitations.js'
import type { Page } from '../../../database/keyset.js'

export default class UserInvitationsList extends BaseCommand {
  static override summary = 'List invitations, newest first: of a tenant, or all.'
  static override examples = [
    '<%= config.bin %> user invitations list acme',
    '<%= config.bin %> user invitations list --status pending,expired --json',
  ]
  static override args = {
    tenant: Args.string({ description: 'subdomain or id; without it all' }),
  }
  static override flags = { status: commaList('states, by comma', invitationStates), ...pageFlags }

  async run(): Promise<Page<InvitationListItem>> {
    const { args, flags } = await this.parse(UserInvitationsList)
    const { status = [] } = flags
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const list = await listInvitations(await this.open('use'), { tenant: args.tenant ?? null, status }, page)
    return this.reportList(list, (shown, terminal) => formatInvitations(shown, status.length > 0, terminal))
  }
}
