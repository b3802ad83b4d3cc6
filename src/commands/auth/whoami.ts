/** `auth whoami`: whose access token this is. */
import { formatWho } from '../../terminal/session-report.js'
import { TokenCommand, tokenFlags } from '../../terminal/token-command.js'
import { whoIs, type Who } from '../../people/sessions/who.js'

export default class AuthWhoami extends TokenCommand {
  static override summary = 'Show whose access token it is: user, tenant, role, permissions, other tenants.'
  static override description =
    'The token must count now: its session, its user, the membership and the tenant are looked at. token verify explains one that does not.'
  static override examples = [
    'echo "$ACCESS_TOKEN" | <%= config.bin %> auth whoami --token-stdin',
    'echo "$ACCESS_TOKEN" | <%= config.bin %> auth whoami --token-stdin --json',
  ]
  static override flags = { ...tokenFlags }

  async run(): Promise<Who> {
    const { flags } = await this.parse(AuthWhoami)
    const token = await this.tokenFrom(flags)
    return this.report(await whoIs(await this.open('use'), token), formatWho)
  }
}
