/** Builds the program: tsc, the manifest from its output, the tenant schema's script, then the bundle. */
import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { build } from 'esbuild'
import { stamp, inputsHash } from './build-inputs.js'
import { compileBaseline } from './compile-baseline.js'
import { leanDependencies, neverLoaded } from './lean-bundle.js'

const root = path.resolve(import.meta.dirname, '..')
process.chdir(root)

const madeFrom = inputsHash()
for (const folder of ['build', 'dist']) await rm(folder, { recursive: true, force: true })
run('tsc', ['-p', 'tsconfig.json'])
await mkdir('dist', { recursive: true })
await writeFile(
  'dist/tenant-baseline.json',
  JSON.stringify(await compileBaseline(path.join(root, 'migrations', 'tenant'))),
)
await writeManifest()
await bundle()
await writeFile(stamp, madeFrom)

function run(program: string, args: string[], cwd = root): void {
  const { status } = spawnSync(path.join(root, 'node_modules', '.bin', program), args, {
    cwd,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}

/** oclif reads the commands of the unbundled output: there each file is one command and nothing else. */
async function writeManifest(): Promise<void> {
  const described = JSON.parse(await readFile('package.json', 'utf8')) as {
    oclif: { commands: string; hooks: unknown; helpClass?: string }
  }
  described.oclif.commands = './src/commands'
  described.oclif.hooks = {}
  delete described.oclif.helpClass
  await writeFile('build/package.json', JSON.stringify(described))
  run('oclif', ['manifest', 'build'])
  const text = await readFile('build/oclif.manifest.json', 'utf8')
  const manifest = JSON.parse(text.replaceAll('"src",', '"dist",')) as { commands: Record<string, unknown> }
  // In the order of their names: oclif's own is that of the file system.
  manifest.commands = Object.fromEntries(
    Object.entries(manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  await writeFile('oclif.manifest.json', `${JSON.stringify(manifest, null, 2)}\n`)
  await rm('build/package.json')
  await rm('build/oclif.manifest.json')
}

async function bundle(): Promise<void> {
  const files = (await readdir('src', { recursive: true })).filter((file) => file.endsWith('.ts'))
  const entries = files.filter(
    (file) =>
      file === 'main.ts' ||
      /^(commands|hooks)\//.test(file) ||
      file === 'terminal/help.ts' ||
      file === 'people/password-thread.ts' ||
      file === 'database/embedded/supervisor.ts',
  )
  await build({
    entryPoints: entries.map((file) => path.join('src', file)),
    outbase: 'src',
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    minifySyntax: true,
    plugins: [leanDependencies],
    logLevel: 'warning',
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    external: neverLoaded,
  })
}
