/** One process that runs test files by mocha, one after the other, as `run-tests.ts` hands them out. */
import path from 'node:path'
import { format } from 'node:util'
import Mocha from 'mocha'
import { removeShared } from '../test/support/server.js'
import '../test/support/hooks.js'
import type { Ended, Task } from './run-tests.js'

const tests = path.join(import.meta.dirname, '..', 'test')
const { Base, Spec } = Mocha.reporters

/** What a file has printed so far: it is shown whole, so that several processes do not write into each other's lines. */
let printed = ''
Base.consoleLog = (...words: unknown[]) => {
  printed += `${format(...words)}\n`
}

let failures = ''

/** Counts are summed up over all files; of one file only what failed is told. */
class OneFile extends Spec {
  override epilogue(): void {
    if (this.failures.length === 0) return
    const before = printed.length
    Base.list(this.failures)
    failures = printed.slice(before)
  }
}

async function run(file: string): Promise<Ended> {
  const began = performance.now()
  printed = ''
  failures = ''
  const mocha = new Mocha({ timeout: 120_000, slow: 10_000, reporter: OneFile })
  mocha.addFile(path.join(tests, file))
  await mocha.loadFilesAsync()
  const stats = await new Promise<Mocha.Stats | undefined>((resolve) => {
    const runner = mocha.run(() => resolve(runner.stats))
  })
  mocha.dispose()
  const { passes: passed = 0, failures: failed = 0, pending: skipped = 0 } = stats ?? {}
  const seconds = (performance.now() - began) / 1000
  return { file, counts: { passed, failed, skipped }, seconds, printed, failures }
}

/** Ends by itself when nothing is left to do; a test that leaves something open shows by that it does not. */
async function end(): Promise<void> {
  process.off('disconnect', cutOff)
  await removeShared()
  process.disconnect?.()
}

/** Whoever handed out files is gone: what tests left is removed on the way out. */
function cutOff(): void {
  process.exit(1)
}

process.on('disconnect', cutOff)
process.on('message', ({ file }: Task) => {
  if (file === undefined) {
    void end()
    return
  }
  run(file).then(
    (ended) => process.send?.(ended),
    (error: unknown) => {
      const counts = { passed: 0, failed: 1, skipped: 0 }
      const text = `\n  ${file}: ${format(error)}\n`
      const ended: Ended = { file, counts, seconds: 0, printed: text, failures: text }
      process.send?.(ended)
    },
  )
})
