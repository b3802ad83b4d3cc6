/** The directions of architecture.md, read off the import lines. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../src/kernel/package-root.js'

const source = path.join(packageRoot(), 'src')
const domains = [
  'workflows',
  'payments',
  'billing',
  'people',
  'subscriptions',
  'tenants',
  'schemas',
  'operations',
]
const foundation = ['database', 'gateways', 'kernel']

/** What the files of a folder may import of other folders of `src`; `types` may be imported as types only. */
const allowed: Record<string, { code: string[]; types?: string[] }> = {
  commands: {
    code: ['terminal', 'kernel', 'views', 'http', ...domains, 'database/manage'],
    types: ['database/keyset'],
  },
  http: { code: ['kernel', 'views', ...domains, 'database/sql-errors'], types: ['database'] },
  hooks: { code: ['terminal', 'kernel'] },
  terminal: {
    code: [
      'kernel',
      'context',
      'tenants',
      'subscriptions',
      'people',
      'database/sql-errors',
      'operations/audit',
    ],
    types: [...domains, 'views', 'database', 'http'],
  },
  views: { code: [...domains, ...foundation] },
  gateways: { code: ['kernel'] },
  database: { code: ['kernel'] },
  kernel: { code: [] },
  'main.ts': { code: ['terminal'] },
  'context.ts': { code: ['kernel', 'database', 'gateways', 'people/signing-key'] },
}
domains.forEach((domain, index) => (allowed[domain] = { code: [...domains.slice(index + 1), ...foundation] }))

/** Packages that only some folders or files may import. */
const packages: Record<string, string[]> = {
  '@oclif/core': ['commands', 'hooks', 'terminal', 'main.ts'],
  ...Object.fromEntries(
    ['listr2', 'ora', 'inquirer', 'cli-table3', '@inquirer/core'].map((name) => [name, ['terminal']]),
  ),
  chalk: ['terminal'],
  dotenv: ['context.ts'],
  ...Object.fromEntries(
    [
      'stripe',
      'razorpay',
      'nodemailer',
      'nodemailer/lib/smtp-connection',
      'nodemailer/lib/mail-composer',
    ].map((name) => [name, ['gateways']]),
  ),
  ...Object.fromEntries(
    ['fastify', '@fastify/formbody', '@fastify/cors', 'pino', 'prom-client'].map((name) => [name, ['http']]),
  ),
  pg: ['database'],
  ...Object.fromEntries(['pdfkit', 'fontkit'].map((name) => [name, ['billing/documents']])),
  liquidjs: ['kernel'],
}

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
)

interface Import {
  file: string
  folder: string
  target: string
  typeOnly: boolean
}

const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(path.join(source, file), 'utf8')
  const found = [
    ...text.matchAll(/^(import|export) (type )?[\w*{}\s,$]*?from '([^']+)'|import\('([^']+)'\)/gm),
  ]
  return found.map((match) => ({
    file,
    folder: file.includes('/') ? (file.split('/')[0] ?? '') : file,
    target: match[3] ?? match[4] ?? '',
    typeOnly: match[2] !== undefined,
  }))
})

describe('layers', () => {
  it('finds the imports', () => expect(imports.length).to.be.greaterThan(200))

  it('imports go down only', () => {
    const breaches = imports
      .filter(({ target }) => target.startsWith('.'))
      .flatMap(({ file, folder, target, typeOnly }) => {
        const to = path
          .relative(source, path.resolve(source, path.dirname(file), target))
          .replace(/\.js$/, '')
        const rule = allowed[folder]
        const permitted = [
          folder.replace(/\.ts$/, ''),
          ...(rule?.code ?? []),
          ...(typeOnly ? (rule?.types ?? []) : []),
        ]
        return permitted.some((one) => to === one || to.startsWith(`${one}/`)) ? [] : [`${file} -> ${to}`]
      })
    expect(breaches).to.deep.equal([])
  })

  it('packages stay where they belong', () => {
    const breaches = imports.filter(
      ({ file, target }) =>
        packages[target] && !packages[target].some((place) => file === place || file.startsWith(`${place}/`)),
    )
    expect(breaches.map(({ file, target }) => `${file} -> ${target}`)).to.deep.equal([])
  })

  it('only the edges touch process, console, the clock and randomness', () => {
    const edges = /^(context\.ts|main\.ts|terminal\/|kernel\/|database\/embedded\/)/
    const breaches = files.filter((file) => {
      const code = readFileSync(path.join(source, file), 'utf8').replace(
        /\/\*[^]*?\*\/|\/\/.*|'[^'\n]*'|`[^`]*`/g,
        '',
      )
      return (
        !edges.test(file) &&
        /\bprocess\.(?!\w*Id)|\bconsole\.|\bDate\.now|new Date\(\)|Math\.random|randomBytes/.test(code)
      )
    })
    expect(breaches).to.deep.equal([])
  })

  it('no file is long', () => {
    const long = files.filter(
      (file) => readFileSync(path.join(source, file), 'utf8').split('\n').length > 280,
    )
    expect(long).to.deep.equal([])
  })
})
