/** `user list`: who there is, or who belongs to a tenant. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { commaList, pageFlags } from '../../terminal/lists.js'
import { formatUsers } from '../../terminal/user-report.js'
import { listUsers, membershipStates, type UserListItem } from '../../views/users.js'
import type { Page } from '../../database/keyset.js'

export default class UserList extends BaseCommand {
  static override summary = 'List people by address: all, or those of a tenant.'
  static override examples = [
    '<%= config.bin %> user list acme',
    '<%= config.bin %> user list acme --role owner',
    '<%= config.bin %> user list --status disabled --json',
  ]
  static override args = {
    tenant: Args.string({ description: 'subdomain or id; without it everybody' }),
  }
  static override flags = {
    status: commaList('states of the account, by comma', ['invited', 'active', 'disabled']),
    membership: commaList('states of the membership, by comma', membershipStates),
    role: Flags.string({ description: 'roles, by comma', multiple: true, delimiter: ',' }),
    ...pageFlags,
  }

  async run(): Promise<Page<UserListItem>> {
    const { args, flags } = await this.parse(UserList)
    const { status = [], membership = [], role = [] } = flags
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    const filters = { tenant: args.tenant ?? null, status, membership, role }
    const list = await listUsers(await this.open('use'), filters, page)
    const filtered = status.length + membership.length + role.length > 0
    return this.reportList(list, (shown, terminal) => formatUsers(shown, args.tenant, filtered, terminal))
  }
}
