/** `payment providers check`: may money come in? */
import { Flags } from '@oclif/core'
import { providerNames, type ProviderName } from '../../../kernel/payment-gateway.js'
import { checkProviders, type CheckedProvider } from '../../../payments/check-providers.js'
import { BaseCommand } from '../../../terminal/base-command.js'
import { formatProviders } from '../../../terminal/providers-report.js'
import { withSpinner } from '../../../terminal/spinner.js'

export default class PaymentProvidersCheck extends BaseCommand {
  static override summary =
    'Ask each payment provider whether the keys are right, and see what webhooks need.'
  static override description =
    'Says whether the keys are for tests or for real money, whether the provider answers and accepts them, how many webhook secrets are set, and how far the clocks are apart. Needs no database and changes nothing. Exits 2 when none is set up, 4 when a key is refused, 9 when a provider cannot be reached or is in trouble itself.'
  static override examples = [
    '<%= config.bin %> payment providers check',
    '<%= config.bin %> payment providers check --provider razorpay --json',
  ]
  static override flags = {
    provider: Flags.string({ description: 'only this one', options: [...providerNames] }),
  }

  async run(): Promise<{ items: CheckedProvider[]; next_cursor: null }> {
    const { flags } = await this.parse(PaymentProvidersCheck)
    const only = (flags.provider ?? null) as ProviderName | null
    const checked = await withSpinner('Asking the providers', this.terminal, () =>
      checkProviders(this.detached, only),
    )
    if (checked.items.some(({ key_accepted }) => key_accepted === false)) this.endAs('permission')
    const away = checked.items.some(({ configured, key_accepted }) => configured && key_accepted === null)
    if (away) this.endAs('dependency')
    return this.report(checked, formatProviders)
  }
}
