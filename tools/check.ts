/** `npm test`: types, lint, format, generated files and every test, then one line of counts. */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { isBuilt } from './build-inputs.js'
import { closingLine, type Counts } from './counts.js'

const root = path.resolve(import.meta.dirname, '..')
process.chdir(root)

const bin = (name: string): string => path.join('node_modules', '.bin', name)

/** The build writes the manifest: it must come out as it is checked in. */
const manifestBefore = readFileSync('oclif.manifest.json', 'utf8')

const total: Counts = { passed: 0, failed: 0, skipped: 0 }
say(['build and types', isBuilt() || (await succeeds(bin('tsx'), ['tools/build.ts']))])
say(['manifest unchanged', readFileSync('oclif.manifest.json', 'utf8') === manifestBefore])
if (total.failed === 0) {
  // Beside the tests, which wait for children and the database a good part of their time.
  const reading = readSources()
  add(await runTests())
  for (const outcome of await reading) say(outcome)
}
process.stdout.write(`\n${closingLine(total)}\n`)
process.exit(total.failed === 0 ? 0 : 1)

type Outcome = [name: string, ok: boolean, output?: string]

async function readSources(): Promise<Outcome[]> {
  return [
    ['lint', ...(await finished(bin('eslint'), ['.']))],
    ['format', ...(await finished(bin('prettier'), ['--check', '--log-level', 'warn', '.']))],
  ]
}

async function succeeds(program: string, args: string[]): Promise<boolean> {
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const [status] = (await once(child, 'close')) as [number | null]
  return status === 0
}

/** What it prints is kept until the tests have printed theirs. */
async function finished(program: string, args: string[]): Promise<[ok: boolean, output: string]> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [status] = (await once(child, 'close')) as [number | null]
  return [status === 0, output]
}

function say([name, ok, output = '']: Outcome): void {
  process.stdout.write(`${output}${ok ? 'ok     ' : 'FAILED '} ${name}\n`)
  total[ok ? 'passed' : 'failed'] += 1
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
