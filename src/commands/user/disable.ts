/** `user disable`: an account is closed everywhere. */
import { Flags } from '@oclif/core'
import { setUserStatus, type ChangedStatus } from '../../people/set-status.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { confirmYes } from '../../terminal/confirm.js'
import { dryRunFlag, yesFlag } from '../../terminal/subscription-input.js'
import { asFlag, userArg } from '../../terminal/user-flags.js'
import { formatStatus } from '../../terminal/user-report.js'

export default class UserDisable extends BaseCommand {
  static override summary = 'Disable an account in every tenant, and end its sessions.'
  static override description =
    'Places in tenants and roles stay for the day it is enabled again. The last owner of a tenant is not disabled. A member may do it to somebody all of whose tenants they lead.'
  static override examples = [
    '<%= config.bin %> user disable asha@acme.test --reason "left the company"',
    '<%= config.bin %> user disable asha@acme.test --yes --json',
  ]
  static override args = { user: userArg }
  static override flags = {
    reason: Flags.string({ description: 'kept in the audit log' }),
    as: asFlag,
    yes: yesFlag,
    'dry-run': dryRunFlag,
  }

  async run(): Promise<ChangedStatus> {
    const { args, flags } = await this.parse(UserDisable)
    const dryRun = flags['dry-run']
    if (!dryRun) this.auditFailuresAs({ action: 'user.disable', kind: 'user', subject: args.user })
    const ctx = await this.open('use')
    if (!dryRun) await confirmYes(`Disable ${args.user}`, flags.yes, this.terminal)
    const change = { user: args.user, reason: flags.reason ?? null, as: flags.as ?? null, dryRun }
    return this.report(await setUserStatus(ctx, { ...change, to: 'disabled' }), formatStatus)
  }
}
