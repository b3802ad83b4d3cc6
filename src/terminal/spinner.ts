/** A spinner on stderr while one thing goes on that tells no progress; silent where nothing moves. */
import type { Terminal } from './terminal.js'

export async function withSpinner<Result>(
  text: string,
  terminal: Terminal,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!terminal.motion) return work()
  const { default: ora } = await import('ora')
  const spinner = ora({ text, stream: process.stderr, discardStdin: false }).start()
  try {
    return await work()
  } finally {
    spinner.stop()
  }
}
