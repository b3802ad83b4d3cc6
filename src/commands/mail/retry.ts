/** `mail retry`: failed mails go back into the queue. */
import { Args, Flags } from '@oclif/core'
import { ErpmaxError } from '../../kernel/errors.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatRetried } from '../../terminal/mail-report.js'
import { retryMails, type RetriedMails, type RetryChoice } from '../../operations/mail/retry.js'

export default class MailRetry extends BaseCommand {
  static override summary = 'Put a mail back into the queue, or all that failed.'
  static override description =
    'The next mail send takes them up at once; their attempts are counted anew. A mail whose outcome is unknown may have arrived: only with --unknown does it go out again, under the same Message-ID, by which most mail programs recognise the second one.'
  static override examples = [
    '<%= config.bin %> mail retry 1f6b2c9e',
    '<%= config.bin %> mail retry --failed',
    '<%= config.bin %> mail retry 1f6b2c9e --unknown',
  ]
  static override args = {
    mail: Args.string({
      description: 'id, or at least four characters of its beginning',
    }),
  }
  static override flags = {
    failed: Flags.boolean({ description: 'all that failed', exclusive: ['unknown'] }),
    unknown: Flags.boolean({
      description: 'the mail though it may have arrived; without a mail, all of which nobody knows',
    }),
  }

  async run(): Promise<RetriedMails> {
    const { args, flags } = await this.parse(MailRetry)
    const choice = chosen(args.mail, flags)
    this.auditFailuresAs({ action: 'mail.retry', kind: 'mail', subject: args.mail ?? String(choice) })
    const ctx = await this.open('use')
    return this.report(await retryMails(ctx, choice, flags.unknown), formatRetried)
  }
}

function chosen(mail: string | undefined, flags: { failed: boolean; unknown: boolean }): RetryChoice {
  if (mail !== undefined && !flags.failed) return { id: mail }
  if (mail === undefined && flags.failed) return 'failed'
  if (mail === undefined && flags.unknown) return 'unknown'
  throw new ErpmaxError(
    'usage',
    'usage.mails',
    mail === undefined ? 'Which mails?' : 'Name one mail, or choose --failed: not both',
    {
      hint: 'erpmax mail retry --failed',
    },
  )
}
