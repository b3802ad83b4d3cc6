/** `webhook verify`: is this signature right, and if not, why? */
import { Flags } from '@oclif/core'
import { explainSignature, type ExplainedSignature } from '../../payments/inbox/explain-signature.js'
import { BaseCommand } from '../../terminal/base-command.js'
import { headersFrom, providerFlag, providerOf, readBody } from '../../terminal/webhook-input.js'
import { formatSignature } from '../../terminal/webhook-report.js'

export default class WebhookVerify extends BaseCommand {
  static override summary = 'Verify the signature of a webhook, and say what is wrong with it.'
  static override description =
    'Tells a missing header, a malformed one, a body that is no event, a signature that is too old, a body that was parsed and written anew or lost its last line break, and a secret of the other provider. Of another secret and a body that was changed otherwise the signature tells no more than that it is not right. Takes the secrets from STRIPE_WEBHOOK_SECRET and RAZORPAY_WEBHOOK_SECRET; needs no database. Exits 0 when it is right, 1 when it is not.'
  static override examples = [
    "<%= config.bin %> webhook verify --file body.json --header 'Stripe-Signature: t=1767225600,v1=5257a8...'",
    '<%= config.bin %> webhook verify --provider razorpay --file body.json --signature 9f2d0c...',
    "curl -s https://example.com/last-body | <%= config.bin %> webhook verify --provider stripe --file - --signature 't=1767225600,v1=5257a8...' --json",
  ]
  static override flags = {
    provider: providerFlag({ description: 'who sent it; left out, the header tells' }),
    file: Flags.string({ description: 'the body as it came, - for stdin', required: true }),
    signature: Flags.string({
      description: "the value of the provider's signature header",
      exclusive: ['header'],
    }),
    header: Flags.string({
      description: 'a header of the request, Name: value; may be given again',
      multiple: true,
    }),
  }

  async run(): Promise<{ signature: ExplainedSignature }> {
    const { flags } = await this.parse(WebhookVerify)
    const typed = headersFrom(flags.header ?? [])
    const provider = providerOf(flags.provider, typed)
    const parts = this.detached
    const { header } = await parts.webhookReader(provider)
    const headers = flags.signature === undefined ? typed : { ...typed, [header]: flags.signature }
    const body = await readBody(flags.file)
    const signature = await explainSignature(parts, { provider, body, headers })
    if (!signature.ok) this.endAs('failure')
    return this.report({ signature }, formatSignature)
  }
}
