/** `auth logout`: ends a session, or all of a user. */
import { Flags } from '@oclif/core'
import { formatLoggedOut } from '../../terminal/session-report.js'
import { TokenCommand, tokenFlags } from '../../terminal/token-command.js'
import { logout, type LoggedOut } from '../../people/sessions/logout.js'

export default class AuthLogout extends TokenCommand {
  static override summary = 'End the session of a token, or with --all every session of its user.'
  static override description =
    'Takes an access token or a refresh token. Access tokens of an ended session are refused at once wherever erpmax verifies them; a program that verifies them by itself sees it when they expire.'
  static override examples = [
    'echo "$REFRESH_TOKEN" | <%= config.bin %> auth logout --token-stdin',
    'echo "$ACCESS_TOKEN" | <%= config.bin %> auth logout --all --token-stdin',
  ]
  static override flags = {
    all: Flags.boolean({ description: 'every session of the user, on every device', default: false }),
    ...tokenFlags,
  }

  async run(): Promise<LoggedOut> {
    const { flags } = await this.parse(AuthLogout)
    const token = await this.tokenFrom(flags)
    return this.report(await logout(await this.open('use'), token, { all: flags.all }), formatLoggedOut)
  }
}
