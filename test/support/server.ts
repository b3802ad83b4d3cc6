/** A throw-away embedded server for tests, tools and benches: real Postgres 18, fsync off, a home of its own. */
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { openContext, type OpenedContext } from '../../src/context.js'
import { isInitialised } from '../../src/database/embedded/cluster.js'
import { embeddedHome } from '../../src/database/embedded/home.js'
import { serverState, stopServer } from '../../src/database/embedded/server.js'
import { resolveConfig } from '../../src/kernel/config.js'

/** The homes that are still there; where a run is cut short no hook removes them. */
const left = new Set<string>()

process.on('exit', () => {
  for (const home of left) {
    const { pid } = serverState(embeddedHome(home))
    if (pid !== null) process.kill(pid, 'SIGQUIT')
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
})

/** A folder that the server's user can enter, root or not. */
export function throwAwayFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'erpmax-'))
  chmodSync(folder, 0o711)
  left.add(folder)
  return folder
}

/** Names a home whose server is migrated and stopped: `run-tests.ts` makes it once for all that are copied from it. */
export const templateVariable = 'ERPMAX_TEST_TEMPLATE'

/** A folder of which the server is there already, with an empty control plane; a first run is to be seen in none. */
export function preparedFolder(): string {
  const folder = throwAwayFolder()
  prepare(folder)
  return folder
}

/** Spares initdb and the migrations, two seconds of a processor; without a template the home stays as it is. */
function prepare(folder: string): void {
  const template = process.env[templateVariable]
  const home = embeddedHome(folder)
  if (template === undefined || isInitialised(home)) return
  const from = embeddedHome(template)
  mkdirSync(path.dirname(home.data), { recursive: true })
  chmodSync(path.dirname(home.data), 0o711)
  copyFileSync(from.password, home.password)
  const { status, stderr } = spawnSync('cp', ['-Rp', from.data, home.data], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`the template of a home was not copied: ${stderr}`)
}

export async function openThrowAway(
  home: string,
  settings: Record<string, string> = {},
): Promise<OpenedContext> {
  if (!('DATABASE_URL' in settings)) prepare(home)
  const values = { ERPMAX_HOME: home, ERPMAX_ENV: 'test', ERPMAX_PG_IDLE: '0', ...settings }
  const config = resolveConfig([{ origin: 'test', values }], () => '')
  return openContext(config, { access: 'create', signal: new AbortController().signal, warn: () => {} })
}

export async function removeServer(home: string): Promise<void> {
  await stopServer(embeddedHome(home))
  await rm(home, { recursive: true, force: true })
  left.delete(home)
}

let shared: { home: string; context: Promise<OpenedContext> } | undefined

/** The server of this test run: started by the first test that asks, removed by hooks.ts after the last. */
export function sharedContext(): Promise<OpenedContext> {
  if (!shared) {
    const home = throwAwayFolder()
    // After kill -9 nothing removes it, so it stops by itself.
    shared = { home, context: openThrowAway(home, { ERPMAX_PG_IDLE: '600' }) }
  }
  return shared.context
}

export async function removeShared(): Promise<void> {
  if (!shared) return
  const { home, context } = shared
  shared = undefined
  await context.then((ctx) => ctx.close()).catch(() => {})
  await removeServer(home)
}

export async function withThrowAwayServer<Result>(
  work: (ctx: OpenedContext) => Promise<Result>,
): Promise<Result> {
  const home = throwAwayFolder()
  try {
    const ctx = await openThrowAway(home)
    try {
      return await work(ctx)
    } finally {
      await ctx.close()
    }
  } finally {
    await removeServer(home)
  }
}
