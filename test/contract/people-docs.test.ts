/** docs/api.md and docs/erpnext-sso.md: they name commands, flags, paths, limits and codes that exist, and README leads to them. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { authEndpoints } from '../../src/http/api/auth-endpoints.js'
import { onboardingEndpoints } from '../../src/http/api/onboarding-endpoints.js'
import { packageRoot } from '../../src/kernel/package-root.js'

const read = (...names: string[]): string => readFileSync(path.join(packageRoot(), ...names), 'utf8')
const { commands } = JSON.parse(read('oclif.manifest.json')) as {
  commands: Record<string, { flags: Record<string, unknown> }>
}
const guides = { 'api.md': read('docs', 'api.md'), 'erpnext-sso.md': read('docs', 'erpnext-sso.md') }
const endpoints = [...authEndpoints(), ...onboardingEndpoints()]

/** What stands in code: spans, and blocks of a shell. */
function codeOf(guide: string): string[] {
  const blocks = [...guide.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) => block.split('\n'))
  const prose = guide.replace(/^```.*?^```/gms, '')
  return [...blocks, ...[...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)]
}

describe('the guides for front ends and sites', () => {
  for (const [name, guide] of Object.entries(guides)) {
    it(`${name} names commands and flags that exist`, () => {
      const lines = codeOf(guide).filter((code) => /^erpmax [a-z]/.test(code))
      const unknown = lines.filter((line) => {
        const words = line.split(' ').slice(1)
        const id = [3, 2, 1].map((count) => words.slice(0, count).join(':')).find((one) => one in commands)
        const flags = [...line.matchAll(/ --([a-z-]+)/g)].map(([, flag = '']) => flag)
        return !id || flags.some((flag) => !(flag in (commands[id]?.flags ?? {})))
      })
      expect(lines.length).to.be.at.least(4)
      expect(unknown).to.deep.equal([])
      const all = new Set(Object.values(commands).flatMap(({ flags }) => Object.keys(flags)))
      const flags = codeOf(guide).flatMap((code) => /^--([a-z-]+)/.exec(code)?.[1] ?? [])
      expect(flags.filter((flag) => !all.has(flag))).to.deep.equal([])
    })

    it(`${name} names codes that are told`, () => {
      const sources = readdirSync(path.join(packageRoot(), 'src'), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => read('src', file))
        .join('\n')
      const codes = codeOf(guide).filter((code) =>
        /^(auth|http|sso|tenant|token|usage|user)\.[a-z_]+$/.test(code),
      )
      expect(codes.length).to.be.at.least(7)
      expect(codes.filter((code) => !sources.includes(`'${code}'`))).to.deep.equal([])
    })

    it(`README.md leads to ${name}`, () => {
      expect(read('README.md')).to.include(`](docs/${name})`)
    })
  }

  it('api.md has each endpoint with its limit, and no other', () => {
    const rows = guides['api.md'].matchAll(/^\| `([A-Z`, ]+) ?(\/[a-z/-]+)` +\|.*\| +(\d*) *\|$/gm)
    const written = [...rows].flatMap(([, methods = '', url = '', limit = '']) =>
      methods
        .replaceAll('`', '')
        .split(',')
        .map((method) => `${method.trim()} /api/v1${url} ${limit || 'null'}`),
    )
    expect(written.sort()).to.deep.equal(
      endpoints.map(({ method, path: url, perMinute }) => `${method} ${url} ${perMinute}`).sort(),
    )
  })
})
