/** `config show`: the settings in force. */
import { BaseCommand } from '../../terminal/base-command.js'
import { formatSettings } from '../../terminal/settings-report.js'
import { showSettings, type ShownSettings } from '../../views/settings.js'

export default class ConfigShow extends BaseCommand {
  static override summary = 'Show each setting with its value and where it comes from, secrets redacted.'
  static override description =
    'Environment beats .env in the working folder, which beats the settings file of the user, which beats the default.'
  static override examples = ['<%= config.bin %> config show', '<%= config.bin %> config show --json']

  async run(): Promise<ShownSettings> {
    await this.parse(ConfigShow)
    return this.report(showSettings(this.settings, this.settingFiles), formatSettings)
  }
}
