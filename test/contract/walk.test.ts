/** Every command in the manifest keeps the command-line contract: help, JSON errors, no waiting for input. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../src/kernel/package-root.js'
import { erpmax, type Ran } from '../support/cli.js'
import { inProcess, type InProcess, type RanHere } from '../support/in-process.js'
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

/** Runs something for each command, and gives those that break the rule. */
async function offenders(
  run: (program: InProcess, name: string) => Promise<RanHere>,
  ok: (ran: RanHere, name: string) => boolean,
): Promise<string[]> {
  const program = await inProcess(home, null)
  const bad: string[] = []
  try {
    for (const name of names) {
      const ran = await run(program, name)
      if (!ok(ran, name))
        bad.push(`${name}: exit ${ran.code} ${ran.stdout.slice(0, 200)}${ran.stderr.slice(0, 200)}`)
    }
  } finally {
    program.end()
  }
  return bad
}

/** A process of its own, without a terminal. */
const alone = (args: readonly string[], stdin?: string): Promise<Ran> =>
  erpmax(args, { env: { ERPMAX_HOME: home }, ...(stdin === undefined ? {} : { stdin }) })

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
      (program, name) => program.help(name.split(':')),
      ({ code, stdout }, name) => {
        helpOf.set(name, stdout)
        return code === 0 && stdout.includes('EXAMPLES') && stdout.includes('$ erpmax')
      },
    )
    expect(bad).to.deep.equal([])
    const { code, stdout } = await alone(['tenant', 'create', '--help'])
    expect([code, stdout]).to.deep.equal([0, helpOf.get('tenant:create')])
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

  it('is listed in the help of its topic, in lines that are wrapped once', async () => {
    for (const topic of ['payment', 'webhook', 'tenant', 'billing']) {
      // In a process of its own: oclif renames what it has listed.
      const { code, stdout } = await alone([topic, '--help'])
      expect([code, stdout.includes('COMMANDS')], topic).to.deep.equal([0, true])
      const lines = stdout.split('\n')
      const bad = lines.filter((line, index) => {
        const [, following] = /^ {6,}(\S+)/.exec(lines[index + 1] ?? '') ?? []
        return line.length > 80 || (following !== undefined && line.length + following.length < 76)
      })
      expect(bad, topic).to.deep.equal([])
    }
  })

  it('answers a bad flag under --json with one JSON document and exit 2', async () => {
    const bad = await offenders(
      (program, name) => program.run(name, ['--json', '--no-such-flag']),
      ({ code, json }) => code === 2 && json?.ok === false && json.error?.code === 'usage',
    )
    expect(bad).to.deep.equal([])
  })

  it('never waits for input without a terminal', async () => {
    // These make a server of their own, or run until they are told to stop.
    const lasting = ['db:start', 'db:migrate', 'webhook:listen', 'webhook:work']
    const bad = await offenders(
      (program, name) => program.run(name, ['--json', ...(lasting.includes(name) ? ['--no-such-flag'] : [])]),
      ({ code, json }) =>
        json !== null &&
        [0, 1, 2, 4, 5, 6, 9].includes(code) &&
        // What doctor finds is its result, a database out of reach too.
        (json.ok === (code === 0 || code === 4 || code === 1) || json.command === 'doctor'),
    )
    expect(bad).to.deep.equal([])
    for (const words of ['tenant create', 'user accept', 'auth login']) {
      const { code, json } = await alone([...words.split(' '), '--json'])
      expect([code, json?.error?.code.split('.')[0]], words).to.deep.equal([2, 'usage'])
    }
  })

  it('takes no argument from stdin', async () => {
    const ran = await alone(['tenant', 'show', '--json'], 'acme\n')
    expect([ran.code, ran.json?.error?.code]).to.deep.equal([2, 'usage'])
  })

  it('gives an unknown command the same error contract, with a suggestion', async () => {
    const text = await alone(['tenant', 'crate'])
    expect(text.code).to.equal(2)
    expect(text.stderr).to.include('erpmax tenant create')
    const { code, json } = await alone(['tenant', 'crate', '--json'])
    expect(code).to.equal(2)
    expect(json?.error?.code).to.equal('command.unknown')
    for (const [typed, hint] of [
      ['payments', 'erpmax payment --help'],
      ['webhooks', 'erpmax webhook --help'],
      ['webhooks list', 'erpmax webhook list'],
      ['billing taxrate', 'erpmax billing tax-rate --help'],
      ['tenantcreate', 'erpmax tenant create'],
      ['payment frobnicate', 'erpmax payment --help'],
      ['frobnicate', 'erpmax --help'],
      ['foo', 'erpmax --help'],
    ] as const) {
      const mistyped = await alone([...typed.split(' '), '--json'])
      expect([mistyped.code, mistyped.json?.error?.hint], typed).to.deep.equal([2, hint])
    }
  })
})
