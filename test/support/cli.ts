/** Runs the built program as a child process, always with a time limit. */
import { spawn, type ChildProcess } from 'node:child_process'
import path from 'node:path'
import { packageRoot } from '../../src/kernel/package-root.js'

export interface RunOptions {
  /** Added to a bare environment: PATH, HOME and ERPMAX_ENV=test. */
  env?: Record<string, string>
  stdin?: string
  /** After so long the child is killed and the promise rejects. */
  seconds?: number
  cwd?: string
  /** Called with the child as soon as it runs, to send signals. */
  onStart?(child: ChildProcess): void
}

export interface Envelope {
  ok: boolean
  command?: string
  // The shape of `data` is each command's own: a test reads the part it is about.
  data?: any // eslint-disable-line @typescript-eslint/no-explicit-any
  error?: {
    code: string
    message: string
    hint?: string
    details: Record<string, unknown>
    retryable: boolean
  }
  warnings?: { code: string; message: string }[]
}

export interface Ran {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
  /** stdout as one JSON document, or null. */
  json: Envelope | null
}

const program = path.join(packageRoot(), 'bin', 'run.js')

export async function erpmax(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { PATH = '', HOME = '', TMPDIR } = process.env
  const child = spawn(process.execPath, [program, ...args], {
    cwd: options.cwd ?? packageRoot(),
    env: { PATH, HOME, ...(TMPDIR ? { TMPDIR } : {}), ERPMAX_ENV: 'test', ...options.env },
    stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  })
  options.onStart?.(child)
  child.stdin?.on('error', () => {})
  child.stdin?.end(options.stdin)
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
  return new Promise((resolve, reject) => {
    const limit = setTimeout(
      () => {
        child.kill('SIGKILL')
        reject(new Error(`erpmax ${args.join(' ')} ran longer than its limit\n${stdout}\n${stderr}`))
      },
      (options.seconds ?? 60) * 1000,
    )
    child.on('error', reject)
    child.on('close', (code, signal) => {
      clearTimeout(limit)
      resolve({ code, signal, stdout, stderr, json: envelope(stdout) })
    })
  })
}

/** The lines of an --ndjson run. */
export function events(ran: Ran): Record<string, unknown>[] {
  return ran.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

function envelope(stdout: string): Envelope | null {
  try {
    return JSON.parse(stdout) as Envelope
  } catch {
    return null
  }
}
