/** Commands of the manifest in this process, on the shared server: many of them in the time that one process takes. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Config } from '@oclif/core'
import { packageRoot } from '../../src/kernel/package-root.js'
import type { Context } from '../../src/kernel/context.js'
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

/**
 * Nothing else may write meanwhile. No input is there.
 * @param settings besides those that lead to the server of `ctx`
 */
export async function commandsHere(
  ctx: Pick<Context, 'config'>,
  settings: Record<string, string> = {},
): Promise<(id: string, argv: readonly string[]) => Promise<RanHere>> {
  const config = await Config.load(packageRoot())
  const own = { ERPMAX_HOME: ctx.config.text('ERPMAX_HOME') ?? '', ERPMAX_ENV: 'test', NO_COLOR: '1' }
  const environment = { ...own, ERPMAX_PG_IDLE: '600', ...settings }
  return async (id, argv) => {
    const out = { stdout: '', stderr: '' }
    const kept = {
      ...{ stdout: process.stdout.write, stderr: process.stderr.write, code: process.exitCode },
      env: { ...process.env },
    }
    Object.assign(process.env, environment)
    process.stdout.write = into(out, 'stdout')
    process.stderr.write = into(out, 'stderr')
    process.exitCode = 0
    let code = 0
    try {
      await config.runCommand(id, [...argv, '--no-input'])
      code = process.exitCode
    } finally {
      process.stdout.write = kept.stdout
      process.stderr.write = kept.stderr
      process.exitCode = kept.code
      process.env = kept.env
    }
    return { code, ...out, json: document(out.stdout) }
  }
}

function into<Name extends string>(out: Record<Name, string>, stream: Name): typeof process.stdout.write {
  return (chunk: string | Uint8Array, ...more: unknown[]): boolean => {
    out[stream] += Buffer.from(chunk).toString()
    for (const done of more) if (typeof done === 'function') (done as () => void)()
    return true
  }
}

function document(text: string): Envelope | null {
  try {
    return JSON.parse(text) as Envelope
  } catch {
    return null
  }
}
