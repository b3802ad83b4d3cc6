/** What a build is made from, so that `npm test` does not make the one anew that `npm ci` has just made. */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
/** Where a build writes the hash of what it was made from. */
export const stamp = path.join(root, 'build', 'inputs.sha256')
const inputs = [
  'src',
  'test',
  'tools',
  'bench',
  'migrations',
  'package-lock.json',
  'package.json',
  'tsconfig.json',
]

/** One hash of the names and bytes of all of them. */
export function inputsHash(): string {
  const hash = createHash('sha256')
  for (const file of inputs.flatMap(filesOf).sort()) {
    hash.update(`${file}\0`)
    hash.update(
      createHash('sha256')
        .update(readFileSync(path.join(root, file)))
        .digest(),
    )
  }
  return hash.digest('hex')
}

/** Whether `build` and `dist` were made from what is there now. */
export function isBuilt(): boolean {
  return (
    existsSync(stamp) &&
    existsSync(path.join(root, 'dist', 'main.js')) &&
    readFileSync(stamp, 'utf8') === inputsHash()
  )
}

function filesOf(input: string): string[] {
  const full = path.join(root, input)
  if (!statSync(full).isDirectory()) return [input]
  return readdirSync(full, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
}
