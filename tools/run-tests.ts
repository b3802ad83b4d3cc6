/** Runs the compiled tests in three processes and sends the counts to the parent: `npm test -- unit contract/layers` chooses files. */
import { fork } from 'node:child_process'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { embeddedHome } from '../src/database/embedded/home.js'
import { stopServer } from '../src/database/embedded/server.js'
import { closingLine, type Counts } from './counts.js'
import '../test/support/hooks.js'
import { openThrowAway, removeServer, templateVariable, throwAwayFolder } from '../test/support/server.js'

/** What a process is to do next; without a file: end. */
export interface Task {
  file?: string | undefined
}

/** What became of one file. */
export interface Ended {
  file: string
  counts: Counts
  seconds: number
  printed: string
  /** The end of it: what failed, and how. */
  failures: string
}

/** Quick ones first. */
const folders = ['unit', 'contract', 'integration', 'cli', 'faults']
const slowest = 10

const tests = path.join(import.meta.dirname, '..', 'test')
const wanted = process.argv.slice(2)
const files = folders.flatMap((folder) => testFiles(folder))
const chosen =
  wanted.length === 0 ? files : files.filter((file) => wanted.some((word) => file.includes(word)))

const needsServers = chosen.some((file) => !file.startsWith('unit'))
const template = needsServers ? await makeTemplate() : null

const ended: Ended[] = []
if (chosen.length === 0) note(lost(wanted.join(' '), 'no test file is called so'))
const waiting = [...chosen]
// One takes the quick files, the others the long ones, until they meet: all end at about the same time.
await Promise.all([lane(() => waiting.shift()), lane(() => waiting.pop()), lane(() => waiting.pop())])
for (const file of waiting) note(lost(file, 'nobody was left to run it'))
if (template !== null) await removeServer(template)
report()

/** A server that is migrated and stopped, of which tests copy theirs. */
async function makeTemplate(): Promise<string> {
  const home = throwAwayFolder()
  const ctx = await openThrowAway(home)
  await ctx.close()
  await stopServer(embeddedHome(home))
  return home
}

/** Tests wait for the database and for the built program a third of their time: three at once use two cores. */
function lane(next: () => string | undefined): Promise<void> {
  let file = next()
  if (file === undefined) return Promise.resolve()
  const child = fork(path.join(import.meta.dirname, 'test-lane.js'), {
    execArgv: [],
    // No terminal is theirs: what commands do in their process is what they do in a pipe.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: {
      ...process.env,
      OCLIF_COLUMNS: '80',
      ...(template === null ? {} : { [templateVariable]: template }),
    },
  })
  child.stdout?.pipe(process.stdout, { end: false })
  child.stderr?.pipe(process.stderr, { end: false })
  child.on('message', (message) => {
    note(message as Ended)
    file = next()
    child.send({ file } satisfies Task)
  })
  child.on('error', () => {})
  child.send({ file } satisfies Task)
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      if (file !== undefined) note(lost(file, `its process ended with ${signal ?? code}`))
      resolve()
    })
  })
}

function lost(file: string, reason: string): Ended {
  const failures = `\n  ${file}: ${reason}\n`
  return { file, counts: { passed: 0, failed: 1, skipped: 0 }, seconds: 0, printed: failures, failures }
}

function note(one: Ended): void {
  ended.push(one)
  process.stdout.write(one.printed)
}

function report(): void {
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 }
  for (const { counts: of } of ended) {
    counts.passed += of.passed
    counts.failed += of.failed
    counts.skipped += of.skipped
  }
  const longest = ended.filter(({ seconds }) => seconds >= 1).sort((a, b) => b.seconds - a.seconds)
  for (const { file, seconds } of longest.slice(0, slowest))
    process.stdout.write(`${seconds.toFixed(1).padStart(7)} s  ${file}\n`)
  const failed = ended.filter(({ failures }) => failures !== '')
  if (failed.length > 0 && ended.length > 1) process.stdout.write('\nOnce more what failed:\n')
  if (ended.length > 1) for (const { failures } of failed) process.stdout.write(failures)
  if (process.send) process.send(counts)
  else process.stdout.write(`\n${closingLine(counts)}\n`)
  process.exitCode = counts.failed === 0 ? 0 : 1
  process.disconnect?.()
}

function testFiles(folder: string): string[] {
  return readdirSync(path.join(tests, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.js'))
    .map((file) => path.join(folder, file))
    .sort()
}
