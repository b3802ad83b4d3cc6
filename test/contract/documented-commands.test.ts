/** Guides name commands, arguments and flags that exist. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { packageRoot } from '../../src/kernel/package-root.js'
import { manifest } from '../support/in-process.js'

const guides = ['people.md']

/** What is written as code, a line each; what follows a `#` is a remark. */
function codeOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) => block.split('\n'))
  const words = [...text.replaceAll(/^```.*?^```/gms, '').matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
  return [...blocks, ...words].map((line) => line.replace(/\s#\s.*$/, ''))
}

/** Why a command line makes no sense; null: it does, or is only a beginning such as `erpmax user`. */
function faultOf(line: string): string | null {
  const words = line.trim().split(/\s+/)
  const length = [3, 2, 1].find((many) => manifest[words.slice(0, many).join(':')])
  const topic = Object.keys(manifest).some((id) => id.startsWith(`${words.join(':')}:`))
  if (length === undefined) return topic ? null : 'no such command'
  const { args, flags } = manifest[words.slice(0, length).join(':')] ?? { args: {}, flags: {} }
  const given = words.slice(length)
  const at = given.findIndex((word) => word.startsWith('-'))
  const positional = given.slice(0, at === -1 ? undefined : at)
  if (positional.length > Object.keys(args).length) return 'too many arguments'
  const unknown = [...line.matchAll(/ --([a-z-]+)/g)].find(([, name = '']) => !(name in flags))
  if (unknown) return `no flag${unknown[0]}`
  const required = Object.values(args).filter((arg) => arg.required).length
  // A mention of the command alone, or of one flag of it, is no example.
  return positional.length > 0 && positional.length < required ? 'too few arguments' : null
}

describe('commands in guides', () => {
  for (const guide of guides)
    it(guide, () => {
      const text = readFileSync(path.join(packageRoot(), 'docs', guide), 'utf8')
      const lines = codeOf(text).flatMap((line) => /(?:^|\| )erpmax (.+)$/.exec(line)?.[1] ?? [])
      const wrong = lines.map((line) => [line, faultOf(line)]).filter(([, fault]) => fault !== null)
      expect(wrong).to.deep.equal([])
      expect(lines.length).to.be.greaterThan(20)
    })

  it('are told from what is none', () => {
    expect(
      [
        ...['user invite acme a@b.test --role user', 'user', 'user invite acme', 'user invites acme'],
        ...['user invite acme a@b.test --rolle user', 'user show a b'],
      ].map(faultOf),
    ).to.deep.equal([
      ...[null, null, 'too few arguments', 'no such command', 'no flag --rolle', 'too many arguments'],
    ])
  })
})
