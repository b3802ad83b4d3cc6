/** The dialogue of `tenant create`: asks for what flags and files did not answer, then shows it all before anything is done. */
import { ErpmaxError } from '../kernel/errors.js'
import { emailOf } from '../tenants/profile.js'
import { checkSubdomain, requireUsable, subdomainTaken } from '../tenants/subdomain.js'
import { companyQuestions } from './create-tenant-company-questions.js'
import { Dialogue, judged, type AskingContext, type Question } from './create-tenant-dialogue.js'
import { checkGivenPlan, planQuestions } from './create-tenant-plan-questions.js'
import { commandFor, formatReview } from './create-tenant-review.js'
import { wrapCommand } from './format.js'
import { Prompter, type Choice } from './prompter.js'
import type { Secret } from '../kernel/secret.js'
import type { CreateTenantInput, PlannedTenant } from '../workflows/create-tenant.js'
import type { FileAnswers } from './create-tenant-input.js'
import type { Terminal } from './terminal.js'

/** What the input would come to; throws as the run itself would. */
export type Plan = (input: CreateTenantInput) => Promise<PlannedTenant>

type Decision = 'yes' | 'change' | 'no'

const questions = [...companyQuestions, ...planQuestions]

/**
 * @param given answers by the flags' names: they are not asked for, and refused at once where they are wrong
 * @returns the answers, and the command that would have given them
 * @throws declined `declined` when the answer to the review is no
 */
export async function askForTenant(
  ctx: AskingContext,
  given: FileAnswers,
  terminal: Terminal,
  plan: Plan,
): Promise<{ answers: FileAnswers; password: Secret | null; command: string }> {
  const dialogue = new Dialogue(ctx, new Prompter(terminal, ctx.signal), given)
  await checkGiven(dialogue)
  for (;;) {
    await askWhatIsOpen(dialogue)
    const decision = await review(dialogue, plan)
    if (decision === 'no') throw new ErpmaxError('declined', 'declined', 'Nothing was created')
    if (decision === 'yes') break
    const question = await chooseQuestion(dialogue)
    if (question) dialogue.reopen(question)
  }
  const { prompter, password } = dialogue
  const command = commandFor(dialogue.answers, password !== null)
  const shown = wrapCommand(command, 2, prompter.looks.width())
  prompter.say(prompter.looks.paint.dim(`\nThe same without questions:\n  ${shown}\n`))
  const { password: _, ...answers } = dialogue.answers
  return { answers, password, command }
}

/** Before the first question, so that nobody answers twelve of them to learn that a flag was wrong. */
async function checkGiven(dialogue: Dialogue): Promise<void> {
  const { subdomain } = dialogue.answers
  const email = dialogue.text('admin-email')
  if (typeof subdomain === 'string' && subdomain !== '') await requireFree(dialogue, subdomain)
  if (email) emailOf('admin_email', email)
  await dialogue.profile()
  await checkGivenPlan(dialogue)
}

async function requireFree(dialogue: Dialogue, subdomain: string): Promise<void> {
  const usable = await requireUsable(dialogue.ctx, subdomain)
  const { available, alternatives } = await checkSubdomain(dialogue.ctx, usable)
  if (!available) throw subdomainTaken(usable, alternatives)
}

async function askWhatIsOpen(dialogue: Dialogue): Promise<void> {
  for (const question of questions) {
    if (dialogue.isAnswered(question) || question.applies?.(dialogue) === false) continue
    Object.assign(dialogue.answers, await question.ask(dialogue))
  }
}

async function review(dialogue: Dialogue, planOf: Plan): Promise<Decision> {
  const { prompter, password } = dialogue
  let plan: PlannedTenant | undefined
  const wrong = await judged(async () => {
    plan = await planOf(dialogue.input())
  })
  const rest: Choice<Decision>[] = [
    { name: 'Change something', value: 'change' },
    { name: 'No, leave', short: 'No', value: 'no' },
  ]
  if (wrong !== true || !plan) {
    const { paint, symbols } = prompter.looks
    prompter.say(`\n${paint.red(`${symbols.cross} ${wrong}`)}\n`)
    return prompter.select({ message: 'This cannot be created as it is:', choices: rest })
  }
  prompter.say(formatReview(plan, password !== null, prompter.looks))
  return prompter.select<Decision>({
    message: `Create ${plan.tenant.subdomain}?`,
    choices: [{ name: 'Yes', value: 'yes' }, ...rest],
  })
}

/** Null: change nothing after all. */
async function chooseQuestion(dialogue: Dialogue): Promise<Question | null> {
  const open = questions.filter((question) => question.applies?.(dialogue) !== false)
  const width = Math.max(...open.map(({ label }) => label.length))
  return dialogue.prompter.select<Question | null>({
    message: 'Change what?',
    choices: [
      ...open.map((question) => ({
        name: `${question.label.padEnd(width)}  ${question.gives.map((flag) => dialogue.text(flag) || '-').join(', ')}`,
        short: question.label,
        value: question,
      })),
      { name: 'Nothing, back to the review', short: 'nothing', value: null },
    ],
  })
}
