/** Makes the bundle start fast: what a dependency loads on every start is loaded when it is first used, or never. */
import { readFile } from 'node:fs/promises'
import type { Plugin } from 'esbuild'

/** Lines that cost milliseconds on every start. The build fails where an update has changed one. */
const replacements: Record<string, readonly { line: string; by: string }[]> = {
  // Looks for a package.json that the bundle does not have, and loads semver for it: 3 ms.
  '@oclif/core/lib/index.js': [{ line: `const semver = require('semver');`, by: 'return;' }],
  // The first comparison by locale loads the collator: 5 ms, to sort ASCII.
  '@oclif/core/lib/config/plugin.js': [
    { line: 'a.id.localeCompare(b.id)', by: '(a.id < b.id ? -1 : a.id > b.id ? 1 : 0)' },
  ],
  // Patterns over the names of plugins, where ours are names: 4 ms.
  '@oclif/core/lib/config/plugin-loader.js': [{ line: '(0, minimatch_1.minimatch)(p, w)', by: 'p === w' }],
  // Asks the file system on every start for what the environment says.
  '@oclif/core/lib/util/os.js': [
    { line: `(await import('wsl-utils')).isWsl ? 'wsl'`, by: `process.env.WSL_DISTRO_NAME ? 'wsl'` },
  ],
  // Touches `Response` to recognise Cloudflare, and with it loads the whole of fetch: 15 ms.
  'pg/lib/stream.js': [{ line: 'if (isCloudflareRuntime())', by: 'if (false)' }],
}

/** Manifests name the commands, package.json holds oclif's settings, nothing is TypeScript, and drivers are optional. */
export const neverLoaded = [
  'typescript',
  'tinyglobby',
  'lilconfig',
  'minimatch',
  'pg-native',
  'pg-query-stream',
]

export const leanDependencies: Plugin = {
  name: 'lean-dependencies',
  setup(build) {
    build.onLoad(
      { filter: /[\\/]node_modules[\\/](@oclif[\\/]core|pg)[\\/]lib[\\/].*\.js$/ },
      async (file) => {
        const name = file.path.replaceAll('\\', '/').split('/node_modules/').at(-1) ?? ''
        const source = replaceLines(await readFile(file.path, 'utf8'), name)
        return { contents: name.startsWith('@oclif/core/') ? requireLate(source) : source, loader: 'js' }
      },
    )
    // Knex brings eleven dialects, each loaded at its first use; one is used.
    build.onResolve({ filter: /^\.\/[\w-]+$/ }, ({ path, importer }) =>
      path !== './postgres' && /[\\/]knex[\\/]lib[\\/]dialects[\\/]index\.js$/.test(importer)
        ? { path, external: true }
        : null,
    )
    // `import process from 'node:process'` touches each of its properties, which opens stdin and stderr: 7 ms.
    build.onResolve({ filter: /^(node:)?process$/ }, ({ kind }) =>
      kind === 'import-statement' ? { path: 'process', namespace: 'global' } : null,
    )
    build.onLoad({ filter: /^process$/, namespace: 'global' }, () => ({
      contents:
        'export default globalThis.process; export const { argv, env, platform } = globalThis.process',
    }))
  },
}

function replaceLines(source: string, name: string): string {
  return (replacements[name] ?? []).reduce((text, { line, by }) => {
    if (!text.includes(line)) throw new Error(`there is no "${line}" in ${name} any more`)
    return text.replaceAll(line, by)
  }, source)
}

/** `const x_1 = require("y")`, as TypeScript compiles an import; of a default or a star with a wrapper. */
const topLevelRequire =
  /^(?:const|var) (\w+_\d+) = ((?:__importDefault|__importStar)\()?require\(("[^"]+")\)\)?;$/gm
const starExport = /^exports\.(\w+) = __importStar\(require\(("[^"]+")\)\);$/gm

/** An imported name becomes a function that requires the module at its first call: a quarter of oclif is ever called. */
function requireLate(source: string): string {
  let text = source
  for (const [whole, name, wrap = '', module] of source.matchAll(topLevelRequire)) {
    if (name === undefined || module === undefined) continue
    const call = wrap ? `${wrap}require(${module}))` : `require(${module})`
    text = text.replace(whole, '').replaceAll(new RegExp(`\\b${name}\\b`, 'g'), `(${name}())`)
    text += `\nlet ${name}_loaded; function ${name}() { return ${name}_loaded ??= ${call} }`
  }
  return text.replaceAll(
    starExport,
    (_whole, name: string, module: string) =>
      `Object.defineProperty(exports, "${name}", { enumerable: true, get: () => __importStar(require(${module})) });`,
  )
}
