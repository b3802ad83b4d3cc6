/** `mail test`: does mail work, and if not, what exactly does not? */
import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatTestedMail } from '../../terminal/mail-report.js'
import { withSpinner } from '../../terminal/spinner.js'
import { testMail, type TestedMail } from '../../workflows/test-mail.js'
import type { MailLanguage } from '../../operations/mail.js'

export default class MailTest extends BaseCommand {
  static override summary = 'Send a test message at once, and say what is wrong where it does not go.'
  static override description =
    'Past the queue. Names what failed: the name of the server, the connection, TLS, the login, the sender or the recipient. Exits 6 when the server refuses the recipient, 9 when it cannot be used.'
  static override examples = [
    '<%= config.bin %> mail test me@example.com',
    '<%= config.bin %> mail test me@example.com --language hi --json',
    'SMTP_URL=smtp://127.0.0.1:1025 <%= config.bin %> mail test me@example.com',
  ]
  static override args = {
    address: Args.string({ description: 'where to send it', required: true }),
  }
  static override flags = {
    language: Flags.string({ description: 'of the message', options: ['en', 'hi', 'uk'], default: 'en' }),
  }

  async run(): Promise<{ mail: TestedMail }> {
    const { args, flags } = await this.parse(MailTest)
    this.auditFailuresAs({ action: 'mail.test', kind: 'mail', subject: args.address })
    const ctx = await this.open('use')
    const mail = await withSpinner('Talking to the mail server', this.terminal, () =>
      testMail(ctx, args.address, flags.language as MailLanguage),
    )
    return this.report({ mail }, formatTestedMail)
  }
}
