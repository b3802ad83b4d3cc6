/** Days of dunning as people type them. */
import { ErpmaxError } from '../kernel/errors.js'

/** `0,3,5,7`, or `none`. @throws usage `usage.days_invalid` */
export function daysOf(flag: string, text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined
  if (text.trim().toLowerCase() === 'none') return []
  return text.split(',').map((one) => dayOf(flag, one, 'Write days by comma, 0,3,5,7, or none'))
}

/** `14`, or `never`: null. @throws usage `usage.days_invalid` */
export function stageDayOf(flag: string, text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined
  if (text.trim().toLowerCase() === 'never') return null
  return dayOf(flag, text, 'Write a number of days, 14, or never')
}

function dayOf(flag: string, text: string, hint: string): number {
  const day = text.trim()
  if (/^\d{1,4}$/.test(day)) return Number(day)
  throw new ErpmaxError(
    'usage',
    'usage.days_invalid',
    `--${flag}: "${text.slice(0, 40)}" is not a number of days`,
    {
      hint,
    },
  )
}
