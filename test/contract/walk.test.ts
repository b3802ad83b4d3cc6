/** Every command in the manifest keeps the command-line contract: help, JSON errors, no waiting for input. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import pLimit from 'p-limit'
import { packageRoot } from '../../src/kernel/package-root.js'
import { erpmax, type Ran } from '../support/cli.js'
import { inProcess } from '../support/in-process.js'
import { throwAwayFolder } from '../support/server.js'

interface Manifest {
  commands: Record<
    string,
    {
      summary?: string
      examples?: string[]
      flags: Record<string, { description?: string; options?: string[] }>
      args: Record<string, unknown>
    }
  >
}

const { commands } = JSON.parse(
  readFileSync(path.join(packageRoot(), 'oclif.manifest.json'), 'utf8'),
) as Manifest
const names = Object.keys(commands)
const home = throwAwayFolder()

/** Runs something for each command, two at a time, and gives those that break the rule. */
async function offenders(
  args: (words: string[]) => string[],
  ok: (ran: Ran, name: string) => boolean,
): Promise<string[]> {
  const limit = pLimit(2)
  const results = await Promise.all(
    names.map((name) =>
      limit(async () => {
        const ran = await erpmax(args(name.split(':')), { env: { ERPMAX_HOME: home }, seconds: 30 })
        return ok(ran, name)
          ? []
          : [`${name}: exit ${ran.code} ${ran.stdout.slice(0, 200)}${ran.stderr.slice(0, 200)}`]
      }),
    ),
  )
  return results.flat()
}

describe('every command', () => {
  const helpOf = new Map<string, string>()

  it('is in the manifest', () =>
    expect(names).to.include.members(['tenant:create', 'schema:drop', 'db:start']))

  it('has a summary, examples and described flags', () => {
    const poor = names.filter((name) => {
      const { summary, examples, flags } = commands[name] ?? { flags: {} }
      return !summary || !examples?.length || Object.values(flags).some((flag) => !flag.description)
    })
    expect(poor).to.deep.equal([])
  })

  it('takes --json, --no-input and --debug', () => {
    const without = names.filter(
      (name) => !['json', 'no-input', 'debug'].every((flag) => flag in (commands[name]?.flags ?? {})),
    )
    expect(without).to.deep.equal([])
  })

  it('shows real examples under --help', async () => {
    const bad = await offenders(
      (words) => [...words, '--help'],
      ({ code, stdout }, name) => {
        helpOf.set(name, stdout)
        return code === 0 && stdout.includes('EXAMPLES') && stdout.includes('$ erpmax')
      },
    )
    expect(bad).to.deep.equal([])
  })

  it('has help that fits 80 columns, with every option in one piece', async () => {
    const options = new Map(
      names.map((name) => [
        name,
        Object.values(commands[name]?.flags ?? {}).flatMap((flag) => flag.options ?? []),
      ]),
    )
    const bad = names.filter((name) => {
      const lines = helpOf.get(name)?.split('\n') ?? []
      const words = new Set(lines.flatMap((line) => line.split(/[\s,]+/)))
      return (
        lines.some((line) => line.length > 80 && !line.includes('$ ')) ||
        options.get(name)?.some((option) => !words.has(option))
      )
    })
    expect(helpOf.size).to.equal(names.length)
    expect(bad).to.deep.equal([])
  })

  it('answers a bad flag under --json with one JSON document and exit 2', async () => {
    const program = await inProcess(home, null)
    const bad: string[] = []
    try {
      for (const name of names) {
        const { code, stdout, stderr, json } = await program.run(name, ['--json', '--no-such-flag'])
        if (code !== 2 || json?.ok !== false || json.error?.code !== 'usage')
          bad.push(`${name}: exit ${code} ${stdout.slice(0, 200)}${stderr.slice(0, 200)}`)
      }
    } finally {
      program.end()
    }
    expect(bad).to.deep.equal([])
  })

  it('never waits for input without a terminal', async () => {
    // These make a server of their own, or run until they are told to stop.
    const lasting = ['db start', 'db migrate', 'webhook listen', 'webhook work']
    const bad = await offenders(
      (words) => [...words, '--json', ...(lasting.includes(words.join(' ')) ? ['--no-such-flag'] : [])],
      ({ code, json }) =>
        json !== null &&
        [0, 1, 2, 4, 5, 6, 9].includes(code ?? -1) &&
        // What doctor finds is its result, a database out of reach too.
        (json.ok === (code === 0 || code === 4 || code === 1) || json.command === 'doctor'),
    )
    expect(bad).to.deep.equal([])
  })

  it('takes no argument from stdin', async () => {
    const ran = await erpmax(['tenant', 'show', '--json'], { env: { ERPMAX_HOME: home }, stdin: 'acme\n' })
    expect([ran.code, ran.json?.error?.code]).to.deep.equal([2, 'usage'])
  })

  it('gives an unknown command the same error contract, with a suggestion', async () => {
    const text = await erpmax(['tenant', 'crate'], { env: { ERPMAX_HOME: home } })
    expect(text.code).to.equal(2)
    expect(text.stderr).to.include('erpmax tenant create')
    const { code, json } = await erpmax(['tenant', 'crate', '--json'], { env: { ERPMAX_HOME: home } })
    expect(code).to.equal(2)
    expect(json?.error?.code).to.equal('command.unknown')
  })
})
