/** `webhook listen`: the HTTP server that providers and customers come to, until it is told to stop. */
import { Flags } from '@oclif/core'
import { listen, type Tally } from '../../http/listen.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatReady, formatStopped } from '../../terminal/listener-report.js'
import { logFormatter } from '../../terminal/listener-log.js'
import { originsFrom } from '../../terminal/webhook-input.js'

export default class WebhookListen extends BaseCommand {
  static override summary =
    'Take the webhooks of Stripe and Razorpay, and show people their pages: to pay, to join, to set a password.'
  static override description =
    'Runs until SIGINT or SIGTERM, ends what is under way, and exits with 130 or 143. An event is answered 200 once it is in the inbox; what it means is processed afterwards, here or, with --no-process, by erpmax webhook work. Logs go to stderr: a JSON line each, on a terminal short ones for people. Paths: /webhooks/stripe, /webhooks/razorpay, /pay/<token>, /invitations/<token>, /reset/<token>, /sso/redeem, /.well-known/jwks.json, /healthz, /readyz, /metrics. See docs/payments.md for nginx, Caddy and systemd.'
  static override examples = [
    '<%= config.bin %> webhook listen',
    '<%= config.bin %> webhook listen --host 0.0.0.0 --port 8080',
    '<%= config.bin %> webhook listen --trust-proxy --with-api --cors-origin https://erp.example.com',
    '<%= config.bin %> webhook listen --no-process --ndjson',
  ]
  static override flags = {
    host: Flags.string({ description: 'the address to listen on', default: '127.0.0.1' }),
    port: Flags.integer({
      char: 'p',
      description: 'the port; 0 takes a free one',
      default: 8787,
      min: 0,
      max: 65_535,
    }),
    'trust-proxy': Flags.boolean({
      description:
        'take the address of a request from X-Forwarded-For of a proxy on this machine or its private network',
    }),
    'no-process': Flags.boolean({ description: 'only store events; erpmax webhook work processes them' }),
    'with-api': Flags.boolean({ description: 'serve /api/v1 for the front ends of the ERP' }),
    'erpnext-compat': Flags.boolean({
      description: 'serve the paths under which ERPNext asks for single sign-on',
    }),
    'cors-origin': Flags.string({
      description: 'an origin whose pages may call the API; repeatable',
      multiple: true,
      dependsOn: ['with-api'],
    }),
    ndjson: Flags.boolean({ description: 'a line for each event on stdout, the result last' }),
  }

  async run(): Promise<{ listener: Tally & { url: string } }> {
    const { flags } = await this.parse(WebhookListen)
    const corsOrigins = originsFrom(flags['cors-origin'] ?? [])
    const ctx = await this.open('use')
    const listener = await listen(ctx, {
      ...{
        host: flags.host,
        port: flags.port,
        trustProxy: flags['trust-proxy'],
        process: !flags['no-process'],
      },
      ...{ api: flags['with-api'], erpnextCompat: flags['erpnext-compat'] },
      corsOrigins,
      ...logFormatter(this.terminal),
      told: (event) => this.streamed(event),
    })
    this.log(formatReady(listener, this.terminal))
    await this.untilStopped()
    const tally = await listener.stop()
    return this.report({ listener: { url: listener.url, ...tally } }, formatStopped)
  }
}
