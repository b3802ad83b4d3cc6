/** `npm test`: types, lint, format, generated files and every test, then one line of counts. */
import { fork, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import type { Counts } from './run-tests.js'

const root = path.resolve(import.meta.dirname, '..')
process.chdir(root)

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

/** In a process of its own, on the compiled files: what runs this one changes how modules load. */
async function runTests(): Promise<Counts> {
  const child = fork(path.join('build', 'tools', 'run-tests.js'), process.argv.slice(2), { execArgv: [] })
  return new Promise((resolve) => {
    let counts: Counts = { passed: 0, failed: 1, skipped: 0 }
    child.on('message', (message) => (counts = message as Counts))
    child.on('close', () => resolve(counts))
  })
}
