/** `token key list`: the keys of access tokens. */
import { BaseCommand } from '../../../terminal/base-command.js'
import { formatKeys } from '../../../terminal/key-report.js'
import { pageFlags } from '../../../terminal/lists.js'
import { listKeys, type KeyListItem } from '../../../people/keys/list-keys.js'
import type { Page } from '../../../database/keyset.js'

export default class TokenKeyList extends BaseCommand {
  static override summary = 'List the keys that sign access tokens, newest first, the retired ones too.'
  static override description =
    'The public halves alone: the private key is the file ERPMAX_JWT_KEY_FILE, or keys/jwt.pem in the home. A retired key verifies until the last token it signed has expired.'
  static override examples = ['<%= config.bin %> token key list', '<%= config.bin %> token key list --json']
  static override flags = { ...pageFlags }

  async run(): Promise<Page<KeyListItem>> {
    const { flags } = await this.parse(TokenKeyList)
    const page = { limit: flags.limit, cursor: flags.cursor ?? null }
    return this.reportList(await listKeys(await this.open('use'), page), formatKeys)
  }
}
