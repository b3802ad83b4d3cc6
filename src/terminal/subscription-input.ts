/** Flags that the commands on plans and subscriptions share. */
import { Flags } from '@oclif/core'
import { ErpmaxError } from '../kernel/errors.js'

/**
 * A bound of a tier as it is typed: a whole number, or `none`, which is null; undefined where nothing was.
 * @throws usage `tier.limit_invalid`
 */
export function limitOf(flag: string, text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined
  if (text === 'none') return null
  const digits = text.replaceAll(/[,_]/g, '')
  if (/^\d{1,16}$/.test(digits)) return Number(digits)
  throw new ErpmaxError('usage', 'tier.limit_invalid', `"${text.slice(0, 40)}" is not a limit`, {
    hint: `--${flag} 15, or --${flag} none`,
  })
}

export const dryRunFlag = Flags.boolean({
  char: 'n',
  description: 'check everything and say what would happen, write nothing',
})

export const yesFlag = Flags.boolean({ description: 'do not ask' })
