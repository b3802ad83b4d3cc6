/** Finds the folder of the package, from the source, the compiled tree, the bundle or an install alike. */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

let found: string | undefined

/** The folder that holds `migrations/` and `bin/run.js`. */
export function packageRoot(): string {
  if (found) return found
  let folder = path.dirname(fileURLToPath(import.meta.url))
  while (!existsSync(path.join(folder, 'bin', 'run.js'))) {
    const parent = path.dirname(folder)
    if (parent === folder) throw new Error('the package folder of erpmax was not found')
    folder = parent
  }
  found = folder
  return folder
}

/** The version in package.json. */
export function programVersion(): string {
  const { version } = JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8')) as {
    version: string
  }
  return version
}
