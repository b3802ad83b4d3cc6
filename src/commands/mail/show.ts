/** `mail show`: one mail as its reader sees it. */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatMail } from '../../terminal/mail-report.js'
import { showMail, type ShownMail } from '../../views/mails.js'

export default class MailShow extends BaseCommand {
  static override summary = 'Show a mail: where it stands, its headers, its text.'
  static override description =
    'Rendered by the templates there are now; tokens in links are hidden. The beginning of an id is enough where only one mail begins with it.'
  static override examples = [
    '<%= config.bin %> mail show 1f6b2c9e',
    '<%= config.bin %> mail show 1f6b2c9e --html > mail.html',
    '<%= config.bin %> mail show "$(<%= config.bin %> mail list --limit 1 --json | jq -r .data.items[0].id)"',
  ]
  static override args = {
    mail: Args.string({ description: 'id, or at least four characters of its beginning', required: true }),
  }
  static override flags = {
    html: Flags.boolean({ description: 'print the HTML form alone' }),
  }

  async run(): Promise<{ mail: ShownMail }> {
    const { args, flags } = await this.parse(MailShow)
    const mail = await showMail(await this.open('use'), args.mail)
    return this.report({ mail }, (shown, terminal) =>
      flags.html ? (mail.html ?? `${mail.template_error}`) : formatMail(shown, terminal),
    )
  }
}
