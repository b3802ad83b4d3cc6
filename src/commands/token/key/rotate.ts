/** `token key rotate`: a new key for access tokens. */
import { BaseCommand } from '../../../terminal/base-command.js'
import { formatRotatedKey } from '../../../terminal/key-report.js'
import { rotateKey, type RotatedKey } from '../../../people/keys/rotate-key.js'

export default class TokenKeyRotate extends BaseCommand {
  static override summary = 'Replace the key that signs access tokens; those it has signed go on working.'
  static override description =
    'The file is replaced at once, and a listener that runs takes the new key with its next token. Where several machines share one key, copy the new file to the others: the old one signs nothing any more.'
  static override examples = [
    '<%= config.bin %> token key rotate',
    '<%= config.bin %> token key rotate --json',
  ]

  async run(): Promise<RotatedKey> {
    await this.parse(TokenKeyRotate)
    this.auditFailuresAs({ action: 'token.key.rotate', kind: 'signing_key', subject: 'current' })
    return this.report(await rotateKey(await this.open('use')), formatRotatedKey)
  }
}
