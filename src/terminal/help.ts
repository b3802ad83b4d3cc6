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

  /** A pipe is a command line too. */
  protected override examples(examples: Command.Example[] | string | undefined): string | undefined {
    const body = super.examples(examples)
    return body?.replace(/^(?![$\s])(?=.*\berpmax )/gm, '$ ')
  }
}

export default class ErpmaxHelp extends Help {
  protected override CommandHelpClass = ExamplesFirst
}
