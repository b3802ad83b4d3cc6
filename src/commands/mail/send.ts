/** `mail send`: what waits goes out; for cron. */
import { Flags } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatSentMails } from '../../terminal/mail-report.js'
import { sendMails } from '../../workflows/send-mails.js'
import type { SentMails } from '../../workflows/mail-run.js'

export default class MailSend extends BaseCommand {
  static override summary = 'Send the mails that wait, each once.'
  static override description =
    'Safe to start twice. A mail that the server does not take for now waits longer after each attempt, and has failed after ten; one that it refuses has failed at once. Where a server had the whole message and never answered, or this program was killed meanwhile, the mail is unknown: it goes out again only by mail retry --unknown. Exits 0 when all went out, 3 when some did not, 9 when the server takes nothing. Without SMTP_URL everything is kept.'
  static override examples = [
    '<%= config.bin %> mail send',
    '<%= config.bin %> mail send --limit 100 --json',
    'SMTP_URL=smtp://127.0.0.1:1025 <%= config.bin %> mail send',
  ]
  static override flags = {
    limit: Flags.integer({ description: 'mails at most; without it all that are due', min: 1 }),
    connections: Flags.integer({
      description: 'connections to the server at once',
      default: 4,
      min: 1,
      max: 20,
    }),
    ndjson: Flags.boolean({
      description: 'events as they happen, one JSON document a line, the result last',
    }),
  }

  async run(): Promise<SentMails> {
    const { flags } = await this.parse(MailSend)
    this.auditFailuresAs({ action: 'mail.send', kind: 'mails', subject: 'due' })
    const ctx = await this.open('use')
    const options = { limit: flags.limit ?? null, connections: flags.connections }
    const result = await this.follow(sendMails(ctx, options))
    if (result.deferred + result.failed + result.unknown > 0) this.endAs('partial')
    return this.report(result, formatSentMails)
  }
}
