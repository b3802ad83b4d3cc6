/** The built `webhook listen` as a process of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import path from 'node:path'
import { packageRoot } from '../../src/kernel/package-root.js'

export interface RunningListener {
  url: string
  port: number
  child: ChildProcess
  /** Everything it has written on stdout and stderr. */
  printed(): string
  /** The lines of its log. */
  log(): Record<string, unknown>[]
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** Ready when this resolves. @param env a home or a database, and the secrets @param port 0: a free one */
export function runListener(
  env: Record<string, string>,
  args: readonly string[] = [],
  port = 0,
): Promise<RunningListener> {
  const { PATH = '', HOME = '', TMPDIR } = process.env
  const program = path.join(packageRoot(), 'bin', 'run.js')
  const words = ['webhook', 'listen', '--ndjson', '--port', String(port), ...args]
  const child = spawn(process.execPath, [program, ...words], {
    cwd: packageRoot(),
    env: { PATH, HOME, ...(TMPDIR ? { TMPDIR } : {}), ERPMAX_ENV: 'test', ERPMAX_PG_IDLE: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const ended = new Promise<number | null>((resolve) => child.on('close', (code) => resolve(code)))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    void ended.then((code) => reject(new Error(`the listener ended with ${code}\n${stdout}\n${stderr}`)))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      const url = /^\{"event":"ready","url":"([^"]+)"/m.exec(stdout)?.[1]
      if (!url) return
      resolve({
        ...{ url, port: Number(new URL(url).port), child },
        printed: () => stdout + stderr,
        log: () =>
          stderr
            .split('\n')
            .filter((line) => line.startsWith('{'))
            .map((line) => JSON.parse(line) as Record<string, unknown>),
        end(signal) {
          child.kill(signal)
          return ended
        },
      })
    })
  })
}
