/** Runs commands of the built program in this process: a hundredth of a process of its own, and what they print. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { Config, loadHelpClass } from '@oclif/core'
import { packageRoot } from '../../src/kernel/package-root.js'
import type { Envelope } from './cli.js'

export interface Described {
  args: Record<string, { required?: boolean; options?: string[] }>
  flags: Record<string, { type: string; required?: boolean; options?: string[] }>
}

/** By id, as `user:invite`. */
export const manifest = (
  JSON.parse(readFileSync(path.join(packageRoot(), 'oclif.manifest.json'), 'utf8')) as {
    commands: Record<string, Described>
  }
).commands

export interface RanHere {
  code: number
  stdout: string
  stderr: string
  /** stdout as one JSON document, or null. */
  json: Envelope | null
}

export interface InProcess {
  /** Nothing else may write meanwhile. */
  run(id: string, argv: readonly string[], stdin?: string): Promise<RanHere>
  /** The same, the command and its arguments as they are typed. */
  typed(words: readonly string[], stdin?: string): Promise<RanHere>
  /** What `--help` behind these words prints. */
  help(words: readonly string[]): Promise<RanHere>
  /** The environment and the folder are as they were. */
  end(): void
}

let config: Promise<Config> | undefined
const loaded = (): Promise<Config> => (config ??= Config.load(packageRoot()))

/** The environment, the folder and the streams of this process belong to one. */
let busy = false

/** @param home of the embedded server; @param folder to work in; null: where we are */
export async function inProcess(
  home: string,
  folder: string | null,
  settings: Readonly<Record<string, string>> = {},
): Promise<InProcess> {
  const config = await loaded()
  if (busy) throw new Error('two at once are two processes')
  busy = true
  const former = { folder: process.cwd(), environment: { ...process.env } }
  if (folder !== null) process.chdir(folder)
  const own = { ERPMAX_HOME: home, ERPMAX_ENV: 'test', ERPMAX_PG_IDLE: '600', NO_COLOR: '1' }
  Object.assign(process.env, own, settings)
  const program: InProcess = {
    typed(words, stdin) {
      const count = [3, 2, 1].find((length) => words.slice(0, length).join(':') in manifest)
      if (count === undefined) throw new Error(`there is no command in ${words.join(' ')}`)
      return program.run(words.slice(0, count).join(':'), words.slice(count), stdin)
    },
    run: (id, argv, stdin) => captured(() => config.runCommand(id, [...argv]), stdin),
    help: (words) =>
      captured(async () => {
        const Help = await loadHelpClass(config)
        await new Help(config, config.pjson.oclif.helpOptions).showHelp([...words, '--help'])
      }),
    end() {
      busy = false
      process.chdir(former.folder)
      for (const name of Object.keys(process.env))
        if (!(name in former.environment)) Reflect.deleteProperty(process.env, name)
      Object.assign(process.env, former.environment)
    },
  }
  return program
}

async function captured(work: () => Promise<unknown>, stdin = ''): Promise<RanHere> {
  const out = { stdout: '', stderr: '' }
  const kept = { stdout: process.stdout.write, stderr: process.stderr.write, code: process.exitCode }
  const take =
    (stream: keyof typeof out) =>
    (chunk: string | Uint8Array, ...more: unknown[]): boolean => {
      out[stream] += Buffer.from(chunk).toString()
      for (const done of more) if (typeof done === 'function') (done as () => void)()
      return true
    }
  const input = Object.getOwnPropertyDescriptor(process, 'stdin')
  Object.defineProperty(process, 'stdin', {
    value: Readable.from([Buffer.from(stdin)]),
    configurable: true,
  })
  process.stdout.write = take('stdout')
  process.stderr.write = take('stderr')
  process.exitCode = 0
  try {
    await work()
    return { code: process.exitCode, ...out, json: document(out.stdout) }
  } finally {
    process.stdout.write = kept.stdout
    process.stderr.write = kept.stderr
    process.exitCode = kept.code
    if (input) Object.defineProperty(process, 'stdin', input)
  }
}

function document(text: string): Envelope | null {
  try {
    return JSON.parse(text) as Envelope
  } catch {
    return null
  }
}
