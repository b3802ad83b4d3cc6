/** How errors read: within the columns of a terminal, whole down a pipe, their commands fit to be copied. */
import { Flags, Parser } from '@oclif/core'
import { expect } from 'chai'
import fc from 'fast-check'
import { ErpmaxError } from '../../src/kernel/errors.js'
import { continuedBy, errorText, failureOf } from '../../src/terminal/errors.js'
import { dayFlag } from '../../src/terminal/day-flag.js'
import { wrapCommand } from '../../src/terminal/format.js'
import { rejection } from '../support/errors.js'

describe('errors', () => {
  const paint = (text: string): string => text
  const lines = (error: ErpmaxError, columns: number): string[] =>
    errorText(error, { paint, columns }).split('\n')

  it('wrap under themselves on a terminal, and are one line each where they are piped', () => {
    const message = 'Something went wrong in a way that takes many words to tell'
    const error = new ErpmaxError('failure', 'x', message, { hint: 'Free some space, then try it again' })
    expect(lines(error, 40)).to.deep.equal([
      'Error: Something went wrong in a way',
      '       that takes many words to tell',
      '  Try: Free some space, then try it',
      '       again',
    ])
    expect(lines(error, Infinity)).to.deep.equal([
      `Error: ${message}`,
      '  Try: Free some space, then try it again',
    ])
  })

  it('break what was broken already, each line under the first', () => {
    const error = new ErpmaxError('failure', 'x', 'select from\n       ^')
    expect(lines(error, 80)).to.deep.equal(['Error: select from', '              ^'])
    expect(lines(error, Infinity)).to.deep.equal(lines(error, 80))
  })

  it('show commands that stay commands, quotes and values in one piece', () => {
    const hint = `erpmax tenant create acme --name 'The big "Acme" company' --admin-email a@acme.test`
    const [, ...shown] = lines(new ErpmaxError('usage', 'x', 'No', { hint }), 48)
    expect(shown).to.deep.equal([
      '  Try: erpmax tenant create acme \\',
      `         --name 'The big "Acme" company' \\`,
      '         --admin-email a@acme.test',
    ])
  })

  it('show any command so that taking the line breaks out gives it back', () => {
    const word = fc.oneof(
      fc.stringMatching(/^[\w./@-]{1,20}$/),
      fc.stringMatching(/^'[\w "$\\]{0,30}'$/),
      fc.stringMatching(/^"[\w '$]{0,30}"$/),
    )
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 10, max: 120 }), (words, columns) => {
        const shown = wrapCommand(words.join(' '), 7, columns)
        expect(shown.replace(/ \\\n {9}/g, ' ')).to.equal(words.join(' '))
      }),
    )
  })

  it('that leave something to continue name the command that does, and no others do', () => {
    const error = (details: Record<string, unknown>): ErpmaxError =>
      new ErpmaxError('dependency', 'x', 'Cut off', { hint: 'earlier', details })
    const hint = (details: Record<string, unknown>, command: string | null): unknown =>
      continuedBy(error(details), command).hint
    expect(hint({ outcome: 'resumable' }, 'erpmax x')).to.equal('erpmax x')
    expect(hint({ outcome: 'unknown' }, 'erpmax x')).to.equal('erpmax x')
    expect(hint({ outcome: 'rolled_back' }, 'erpmax x')).to.equal('earlier')
    expect(hint({}, 'erpmax x')).to.equal('earlier')
    expect(hint({ outcome: 'resumable' }, null)).to.equal('earlier')
  })

  it('of what a flag was given are one line that names it, with a hint', async () => {
    const flags = { limit: Flags.integer({ min: 1, max: 500 }), 'as-of': dayFlag('a day') }
    const told = async (...argv: string[]): Promise<unknown> => {
      const { error, exitCode } = failureOf(
        await rejection(Parser.parse(argv, { flags })),
        (thrown) => thrown,
      )
      expect(error.message, argv.join(' '))
        .to.match(/^--(limit|as-of): [^\n\t]+$/)
        .and.not.include('See more help')
      return [exitCode, error.code, error.message, error.hint]
    }
    const help = 'the same command with --help'
    expect(await told('--limit', 'abc')).to.deep.equal([
      ...[2, 'usage', '--limit: expected an integer but received: abc', help],
    ])
    expect(await told('--limit', '501')).to.deep.include(help)
    expect(await told('--limit', 'a\nb')).to.deep.include(help)
    expect(await told('--as-of', 'foo')).to.deep.equal([
      ...[2, 'usage.date_invalid', '--as-of: "foo" is not a day', 'Write 2026-03-31'],
    ])
  })
})
