/** How long a command takes from start to end, beside bare node. */
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { packageRoot } from '../src/kernel/package-root.js'
import { median } from './statistics.js'

export interface Startup {
  node: number
  version: number
  help: number
  list: number
}

const rounds = 21

/** Medians in ms; the rounds alternate, so that a noisy moment hits all of them. */
export function measureStartup(home: string): Startup {
  const run = path.join(packageRoot(), 'bin', 'run.js')
  const contenders: Record<keyof Startup, string[]> = {
    node: ['-e', '0'],
    version: [run, '--version'],
    help: [run, '--help'],
    list: [run, 'tenant', 'list'],
  }
  const times: Record<keyof Startup, number[]> = { node: [], version: [], help: [], list: [] }
  for (let round = -1; round < rounds; round++) {
    for (const name of Object.keys(contenders) as (keyof Startup)[]) {
      const from = performance.now()
      const { status } = spawnSync(process.execPath, contenders[name], {
        env: { ...process.env, ERPMAX_HOME: home, ERPMAX_PG_IDLE: '0' },
        stdio: 'ignore',
      })
      if (status !== 0) throw new Error(`${name} ended with ${status}`)
      // The first round fills caches and is not counted.
      if (round >= 0) times[name].push(performance.now() - from)
    }
  }
  return {
    node: median(times.node),
    version: median(times.version),
    help: median(times.help),
    list: median(times.list),
  }
}
