/** `npm test`: types, lint, format, generated files and every test, then one line of counts. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import Mocha from 'mocha'

const root = path.resolve(import.meta.dirname, '..')
process.chdir(root)

interface Counts {
  passed: number
  failed: number
  skipped: number
}

const bin = (name: string): string => path.join('node_modules', '.bin', name)

/** The build writes the manifest: it must come out as it is checked in. */
const manifestBefore = readFileSync('oclif.manifest.json', 'utf8')

const checks: [string, () => boolean][] = [
  ['build and types', () => run(bin('tsx'), ['tools/build.ts'])],
  ['manifest unchanged', () => readFileSync('oclif.manifest.json', 'utf8') === manifestBefore],
  ['lint', () => run(bin('eslint'), ['.'])],
  ['format', () => run(bin('prettier'), ['--check', '--log-level', 'warn', '.'])],
]

const total: Counts = { passed: 0, failed: 0, skipped: 0 }
for (const [name, check] of checks) {
  const ok = check()
  process.stdout.write(`${ok ? 'ok     ' : 'FAILED '} ${name}\n`)
  total[ok ? 'passed' : 'failed'] += 1
}
if (total.failed === 0) add(await runTests())
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`)
process.exit(total.failed === 0 ? 0 : 1)

function run(program: string, args: string[]): boolean {
  return spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status === 0
}

function add(counts: Counts): void {
  total.passed += counts.passed
  total.failed += counts.failed
  total.skipped += counts.skipped
}

/** Quick ones first; arguments choose files: `npm test -- unit contract/layers`. */
async function runTests(): Promise<Counts> {
  const folders = ['unit', 'contract', 'integration', 'cli', 'faults']
  const wanted = process.argv.slice(2)
  const files = folders.flatMap((folder) => testFiles(path.join('build', 'test', folder)))
  const chosen =
    wanted.length === 0 ? files : files.filter((file) => wanted.some((word) => file.includes(word)))
  const { mochaHooks } = (await import(path.join(root, 'build', 'test', 'support', 'hooks.js'))) as {
    mochaHooks: Mocha.RootHookObject
  }
  const mocha = new Mocha({ timeout: 120_000, slow: 10_000, reporter: 'spec', rootHooks: mochaHooks })
  for (const file of chosen) mocha.addFile(file)
  await mocha.loadFilesAsync()
  return new Promise((resolve) => {
    const runner = mocha.run((failures) => {
      const { passes = 0, pending = 0 } = runner.stats ?? {}
      resolve({ passed: passes, failed: failures, skipped: pending })
    })
  })
}

function testFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.js'))
    .map((file) => path.join(folder, file))
    .sort()
}
