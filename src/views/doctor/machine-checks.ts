/** What `doctor` can tell without a database: settings, files that hold secrets, the embedded server's home. */
import { existsSync } from 'node:fs'
import { stat, statfs } from 'node:fs/promises'
import path from 'node:path'
import { serverState } from '../../database/embedded/server.js'
import { signingKeyPlace } from '../../people/signing-key.js'
import { ok, problem, warning, type Check } from './check.js'
import type { EmbeddedHome } from '../../database/embedded/home.js'
import type { Config, SettingFile } from '../../kernel/config.js'

export function checkConfiguration(config: Config): Check {
  const origins = new Map<string, number>()
  for (const { origin } of config.describe()) {
    if (origin !== 'unset' && origin !== 'default') origins.set(origin, (origins.get(origin) ?? 0) + 1)
  }
  const from = [...origins].map(([origin, count]) => `${count} from ${origin}`)
  const settings = from.length > 0 ? `settings: ${from.join(', ')}` : 'every setting at its default'
  return ok('configuration', `${config.environment}; ${settings}`)
}

/** A secret is for its owner alone: mode 0600. The signing key is refused where it is not. */
export async function checkSecretFiles(
  config: Config,
  files: readonly SettingFile[],
  home: EmbeddedHome | null,
): Promise<Check> {
  const name = 'secrets'
  const key = signingKeyPlace(config)
  if (!key.create && !existsSync(key.file)) {
    const hint = `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ${key.file}; chmod 600 ${key.file}`
    return problem(name, `ERPMAX_JWT_KEY_FILE names ${key.file}, which is not there`, hint)
  }
  const strict = [key.file, ...(home ? [home.password] : [])]
  const all = [...files.map((file) => file.path), ...strict].filter((file) => existsSync(file))
  const open: string[] = []
  for (const file of all) if (await isOpenToOthers(file)) open.push(file)
  if (open.length > 0) {
    const say = open.some((file) => strict.includes(file)) ? problem : warning
    return say(name, `other users may read ${open.join(' and ')}`, `chmod 600 ${open.join(' ')}`)
  }
  if (all.length === 0) return ok(name, 'no file holds any yet')
  return ok(name, `${all.length} ${all.length === 1 ? 'file' : 'files'}, readable by the owner alone`)
}

/** Windows has no such modes: what Node shows of them there means nothing. */
async function isOpenToOthers(file: string): Promise<boolean> {
  return path.sep === '/' && ((await stat(file)).mode & 0o077) !== 0
}

export function describeServer(home: EmbeddedHome): string {
  const { initialised, running, pid } = serverState(home)
  if (!initialised) return 'without a cluster yet'
  return running ? `running as process ${pid}` : 'which was stopped and is started now'
}

/** An empty tenant with its write-ahead log, and what Postgres wants to stand on. */
const bytesPerTenant = 20_000_000
const scarce = 2_000_000_000
const exhausted = 300_000_000

export async function checkDisk({ root, data }: EmbeddedHome): Promise<Check> {
  const { bavail, bsize } = await statfs(nearestThere(data))
  const free = bavail * bsize
  const gigabytes = `${(free / 1e9).toFixed(1)} GB left for ${root}`
  const hint = `Free space, or move the home: ERPMAX_HOME=<folder on another disk>`
  if (free < exhausted) return problem('disk', gigabytes, hint)
  if (free < scarce)
    return warning('disk', `${gigabytes}, about ${Math.floor(free / bytesPerTenant)} empty tenants`, hint)
  return ok('disk', gigabytes)
}

function nearestThere(folder: string): string {
  return existsSync(folder) || folder === path.dirname(folder) ? folder : nearestThere(path.dirname(folder))
}
