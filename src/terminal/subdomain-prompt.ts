/** Asks for a subdomain, saying while it is typed whether it is free, and what is where it is not. */
import { checkSubdomain, subdomainFrom, type SubdomainCheck } from '../tenants/subdomain.js'
import { checkedInput, type Verdict } from './checked-input.js'
import type { Context } from '../kernel/context.js'
import type { Prompter } from './prompter.js'

/** @param wanted what is suggested, or a free name near it */
export async function askSubdomain(
  ctx: Pick<Context, 'db'>,
  prompter: Prompter,
  wanted: string,
): Promise<string> {
  const suggestion = await freeSuggestion(ctx, wanted)
  return prompter.custom(checkedInput, {
    message: 'Subdomain:',
    ...(suggestion ? { default: suggestion } : {}),
    check: async (text) =>
      text === ''
        ? { state: 'open', text: 'the name in the URL: 3 to 56 of a-z, 0-9 and inner hyphens' }
        : verdictOf(await checkSubdomain(ctx, text)),
    looks: prompter.looks,
  })
}

/** The subdomain that a company's name suggests, where it is free. */
export async function freeSubdomainFor(ctx: Pick<Context, 'db'>, name: string): Promise<string | null> {
  const check = await checkSubdomain(ctx, subdomainFrom(name))
  return check.available ? check.subdomain : null
}

async function freeSuggestion(ctx: Pick<Context, 'db'>, wanted: string): Promise<string | undefined> {
  if (wanted === '') return undefined
  const check = await checkSubdomain(ctx, wanted)
  return check.available ? check.subdomain : check.alternatives[0]
}

function verdictOf({ available, message, alternatives, subdomain }: SubdomainCheck): Verdict {
  return available
    ? { state: 'good', text: message, value: subdomain }
    : { state: 'wrong', text: message, alternatives }
}
