/** `user accept`: an invitation is accepted here instead of on its page. */
import { Flags } from '@oclif/core'
import { acceptInvitation, type AcceptedInvitation } from '../../people/invitations/accept.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatAccepted } from '../../terminal/invitation-report.js'
import { acceptSecrets } from '../../terminal/new-secrets.js'

export default class UserAccept extends BaseCommand {
  static override summary = 'Accept an invitation by its token or link; somebody new sets a password.'
  static override description =
    'Asks for the token and the password without showing them where a person is there. With --token-stdin the token is the first line of stdin, and with --password-stdin the password the second. A password that was set before stays.'
  static override examples = [
    '<%= config.bin %> user accept',
    'echo "$TOKEN" | <%= config.bin %> user accept --token-stdin',
    `printf '%s\\n%s\\n' "$TOKEN" "$PASSWORD" | <%= config.bin %> user accept --token-stdin --password-stdin --name "Asha Rao"`,
  ]
  static override flags = {
    'token-stdin': Flags.boolean({ description: 'read the token from stdin', default: false }),
    'password-stdin': Flags.boolean({
      description: 'read the password of somebody new from stdin, after the token',
      default: false,
    }),
    name: Flags.string({ description: 'full name of somebody new' }),
  }

  async run(): Promise<AcceptedInvitation> {
    const { flags } = await this.parse(UserAccept)
    this.auditFailuresAs({ action: 'invitation.accept', kind: 'invitation', subject: 'by token' })
    const ctx = await this.open('use')
    const secrets = await acceptSecrets(flags, this.terminal, this.interruption())
    const input = { ...secrets, name: flags.name ?? null, byPerson: false }
    return this.report(await acceptInvitation(ctx, input), formatAccepted)
  }
}
