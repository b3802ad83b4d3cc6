/** Reads what a promise or a function was refused with. */
import { ErpmaxError } from '../../src/kernel/errors.js'

/** The error that the promise is rejected with; fails where it is not. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if ('error' in outcome) return outcome.error
  throw new Error(`expected a rejection, got ${JSON.stringify(outcome.value)}`)
}

/** The error that the function throws; fails where it does not. */
export function thrown(work: () => unknown): unknown {
  let value: unknown
  try {
    value = work()
  } catch (error) {
    return error
  }
  throw new Error(`expected an error, got ${JSON.stringify(value)}`)
}

/** `conflict tier.too_many_modules`; `none` where it is not refused. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'none'
  } catch (error) {
    if (error instanceof ErpmaxError) return `${error.kind} ${error.code}`
    throw error
  }
}
