/** `api-key revoke`: a key ends at once. */
import { Args } from '@oclif/core'
import { BaseCommand } from '../../terminal/base-command.js'
import { formatRevokedKey } from '../../terminal/key-report.js'
import { revokeApiKey, type RevokedApiKey } from '../../people/api-keys/revoke-key.js'

export default class ApiKeyRevoke extends BaseCommand {
  static override summary = 'Revoke an API key, at once and for good.'
  static override description =
    'Works whatever the state of the tenant; the second time nothing is left to do.'
  static override examples = [
    '<%= config.bin %> api-key revoke erpmax_1f2e3d4c',
    '<%= config.bin %> api-key revoke erpmax_1f2e3d4c --json',
  ]
  static override args = {
    key: Args.string({ description: 'prefix or id; of a whole key its prefix counts', required: true }),
  }

  async run(): Promise<RevokedApiKey> {
    const { args } = await this.parse(ApiKeyRevoke)
    this.auditFailuresAs({ action: 'api_key.revoke', kind: 'api_key', subject: args.key })
    return this.report(await revokeApiKey(await this.open('use'), args.key), formatRevokedKey)
  }
}
