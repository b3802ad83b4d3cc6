/** What `billing parked release` and `retry` share. */
import { Flags } from '@oclif/core'

export const parkedFlags = {
  code: Flags.string({ description: 'only those parked for this reason, such as fx.rate_missing' }),
  note: Flags.string({ description: 'why; kept with the account' }),
  yes: Flags.boolean({ description: 'go on without asking' }),
  confirm: Flags.string({ description: 'the number of accounts, where there are several' }),
  'dry-run': Flags.boolean({ char: 'n', description: 'check everything, write nothing', default: false }),
}
