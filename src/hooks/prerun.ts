/** Arguments are typed: what a loop or a cron job happens to have on stdin is not taken for a missing one. */
import type { Hook } from '@oclif/core'

const hook: Hook.Prerun = function ({ Command }) {
  for (const arg of Object.values(Command.args ?? {})) arg.ignoreStdin = true
  return Promise.resolve()
}

export default hook
