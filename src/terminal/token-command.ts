/** Commands that take a token: by a hidden prompt or from stdin, never as a flag's value. */
import { Flags } from '@oclif/core'
import { BaseCommand } from './base-command.js'
import { secretAnswer } from './secrets.js'

export const tokenFlags = {
  'token-stdin': Flags.boolean({ description: 'read the token from stdin', default: false }),
}

export abstract class TokenCommand extends BaseCommand {
  /** White space around it comes from copying. */
  protected async tokenFrom(flags: { 'token-stdin': boolean }): Promise<string> {
    const secret = await secretAnswer('token', flags['token-stdin'], this.terminal, this.interruption())
    return secret.reveal().trim()
  }
}
