/** Runs the compiled tests by mocha and sends the counts to the parent: `npm test -- unit contract/layers` chooses files. */
import { readdirSync } from 'node:fs'
import path from 'node:path'
import Mocha from 'mocha'
import { mochaHooks } from '../test/support/hooks.js'

export interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** Quick ones first. */
const folders = ['unit', 'contract', 'integration', 'cli', 'faults']

const tests = path.join(import.meta.dirname, '..', 'test')
const wanted = process.argv.slice(2)
const files = folders.flatMap((folder) => testFiles(folder))
const chosen =
  wanted.length === 0 ? files : files.filter((file) => wanted.some((word) => file.includes(word)))

const mocha = new Mocha({ timeout: 120_000, slow: 10_000, reporter: 'spec', rootHooks: mochaHooks })
for (const file of chosen) mocha.addFile(path.join(tests, file))
await mocha.loadFilesAsync()
const runner = mocha.run((failures) => {
  const { passes = 0, pending = 0 } = runner.stats ?? {}
  const counts: Counts = { passed: passes, failed: failures, skipped: pending }
  process.send?.(counts)
  process.exitCode = failures === 0 ? 0 : 1
  process.disconnect?.()
})

function testFiles(folder: string): string[] {
  return readdirSync(path.join(tests, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.js'))
    .map((file) => path.join(folder, file))
    .sort()
}
