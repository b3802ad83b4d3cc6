/** Help with the examples first, since they answer most questions, and a usage line that stays one line. */
import { CommandHelp, Help, type Command } from '@oclif/core'

const first = ['EXAMPLES', 'USAGE', 'ARGUMENTS', 'DESCRIPTION']

class ExamplesFirst extends CommandHelp {
  protected override sections(): ReturnType<CommandHelp['sections']> {
    const sections = super.sections()
    const leading = first.flatMap((header) => sections.filter((section) => section.header === header))
    return [...leading, ...sections.filter((section) => !first.includes(section.header))]
  }

  /** The flags are listed below, each with what it means. */
  protected override usage(): string {
    const { id, args } = this.command
    const names = Object.values(args).map((arg) => (arg.required ? `<${arg.name}>` : `[${arg.name}]`))
    return `$ ${[this.config.bin, id.replaceAll(':', ' '), ...names, '[flags]'].join(' ')}`
  }

  /** The summary stands above everything already. */
  protected override description(): string | undefined {
    return this.command.description ? this.wrap(this.command.description) : undefined
  }

  /** What a flag may be, as words with blanks between them: a list by bars is broken in the middle of one. */
  protected override flags(flags: Command.Flag.Any[]): [string, string | undefined][] | undefined {
    return super
      .flags(flags)
      ?.map(([left, right]) => [
        left,
        right?.replace(/\n<options: (.*)>/, (_, options: string) => `: ${options.split('|').join(', ')}`),
      ])
  }

  /** A pipe is a command line too. */
  protected override examples(examples: Command.Example[] | string | undefined): string | undefined {
    const body = super.examples(examples)
    return body?.replace(/^(?![$\s])(?=.*\berpmax )/gm, '$ ')
  }
}

export default class ErpmaxHelp extends Help {
  protected override CommandHelpClass = ExamplesFirst

  protected override summary(command: Command.Loadable): string | undefined {
    const summary = super.summary(command)
    return summary && this.wrap(summary, 0)
  }

  /** What stands in a list is wrapped there: the breaks of a line of its own would be left in the middle. */
  override renderList(...[input, options]: Parameters<Help['renderList']>): string {
    return super.renderList(
      input.map(([left, right]) => [left, right?.replaceAll('\n', ' ')]),
      options,
    )
  }
}
