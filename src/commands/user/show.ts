/** `user show`: one person, where they belong, what is open for them. */
import { BaseCommand } from '../../terminal/base-command.js'
import { userArg } from '../../terminal/user-flags.js'
import { formatUser } from '../../terminal/user-report.js'
import { showUser, type ShownUser } from '../../views/users.js'

export default class UserShow extends BaseCommand {
  static override summary = 'Show a person: their account, their places in tenants, open invitations.'
  static override description = 'A star marks the tenant they sign in to unless they say another one.'
  static override examples = [
    '<%= config.bin %> user show asha@acme.test',
    '<%= config.bin %> user show asha@acme.test --json',
  ]
  static override args = { user: userArg }

  async run(): Promise<{ user: ShownUser }> {
    const { args } = await this.parse(UserShow)
    const user = await showUser(await this.open('use'), args.user)
    return this.report({ user }, formatUser)
  }
}
