/** `webhook replay`: events that were laid aside are taken up again; a body from a file for the first time. */
import { Args, Flags } from '@oclif/core'
import { ErpmaxError } from '../../kernel/errors.js'
import { sinceFrom } from '../../kernel/dates.js'
import { replayEvents, replayFile, type Replayed } from '../../payments/inbox/replay.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { providerFlag, readBody } from '../../terminal/webhook-input.js'
import { formatReplayed } from '../../terminal/webhook-report.js'
import { likeType } from '../../views/webhook-events.js'

const choice = { helpGroup: 'WHICH EVENTS' }

export default class WebhookReplay extends BaseCommand {
  static override summary = 'Take up again what is parked or failed; or an event from a file.'
  static override description =
    'Nothing is booked twice, whatever is replayed: an event that was processed stays as it is. A file is the body as the provider sent it; its signature is not looked at, and the audit log says who put it in. Exits 3 where something is parked or failed again.'
  static override examples = [
    '<%= config.bin %> webhook replay 1f6b2c9e',
    '<%= config.bin %> webhook replay --parked',
    '<%= config.bin %> webhook replay --failed --since 7d --type "payment.*"',
    '<%= config.bin %> webhook replay --file event.json --provider stripe',
  ]
  static override args = {
    event: Args.string({ description: "id, its beginning, or the provider's own id" }),
  }
  static override flags = {
    parked: Flags.boolean({ description: 'those that are parked', ...choice }),
    failed: Flags.boolean({ description: 'those that failed', ...choice }),
    since: Flags.string({ description: 'that came since: a time, a day, or an age: 24h, 7d', ...choice }),
    type: Flags.string({ description: 'of this type; * stands for anything', multiple: true, ...choice }),
    provider: providerFlag({ description: 'of this provider; with --file: whose event it is', ...choice }),
    file: Flags.string({
      description: 'a body in a file, - for stdin',
      exclusive: ['parked', 'failed', 'since', 'type'],
      dependsOn: ['provider'],
    }),
    'event-id': Flags.string({
      description: 'with --file of Razorpay: its X-Razorpay-Event-Id',
      dependsOn: ['file'],
    }),
    'no-process': Flags.boolean({
      description: 'only put them back; a listener or webhook work does the rest',
    }),
  }

  async run(): Promise<Replayed> {
    const { args, flags } = await this.parse(WebhookReplay)
    const { parked, failed, type = [], since, provider, file } = flags
    const chosen = [args.event, file, parked || failed || type.length > 0 || since !== undefined || undefined]
    if (chosen.filter((one) => one !== undefined).length !== 1) throw whichEvents(args.event ?? file)
    this.auditFailuresAs({
      action: 'webhook.replay',
      kind: 'webhook events',
      subject: args.event ?? file ?? 'several',
    })
    const body = file === undefined ? null : await readBody(file)
    const ctx = await this.open('use')
    const selection = {
      states: [...(parked ? (['parked'] as const) : []), ...(failed ? (['failed'] as const) : [])],
      ...{ provider: provider ?? null, types: type.map(likeType) },
      since: since === undefined ? null : sinceFrom(since, ctx.clock.now()),
    }
    const result =
      body !== null && provider
        ? await replayFile(ctx, { provider, body, eventId: flags['event-id'] ?? null }, !flags['no-process'])
        : await replayEvents(
            ctx,
            args.event === undefined ? selection : { id: args.event },
            !flags['no-process'],
          )
    if (result.parked + result.failed > 0) this.endAs('partial')
    return this.report(result, formatReplayed)
  }
}

function whichEvents(given: string | undefined): ErpmaxError {
  const message =
    given === undefined ? 'Which events?' : 'Name one event, choose some, or give a file: not two of these'
  return new ErpmaxError('usage', 'usage.events', message, { hint: 'erpmax webhook replay --parked' })
}
