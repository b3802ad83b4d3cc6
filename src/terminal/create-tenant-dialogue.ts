/** What the questions of `tenant create` share: the answers so far, and how a question is described. */
import { dayIn } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { readCatalogue, type Catalogue } from '../subscriptions/catalogue.js'
import { completeProfile, type Profile, type ProfileInput } from '../tenants/profile.js'
import { toCreateTenantInput, type FileAnswers } from './create-tenant-input.js'
import type { Context } from '../kernel/context.js'
import type { Secret } from '../kernel/secret.js'
import type { CreateTenantInput } from '../workflows/create-tenant.js'
import type { Prompter } from './prompter.js'

export type AskingContext = Pick<Context, 'db' | 'clock' | 'signal'>

export interface Question {
  /** The flags it answers. */
  gives: readonly string[]
  /** In the list of what may be changed. */
  label: string
  /** Flags whose answers depend on this one: asked again when it changes. */
  unsettles?: readonly string[]
  applies?(dialogue: Dialogue): boolean
  /** Gives an answer for each of its flags; an empty text is an answer too. */
  ask(dialogue: Dialogue): Promise<FileAnswers>
}

/** Stands in while the real one is not known yet. */
const nobody = 'nobody@example.test'

export class Dialogue {
  /** By the flags' names; what is not there has not been asked. */
  answers: FileAnswers
  /** What an answer was before it was to be changed: suggested again. */
  readonly earlier: FileAnswers = {}
  password: Secret | null = null
  #catalogue: Catalogue | undefined

  constructor(
    readonly ctx: AskingContext,
    readonly prompter: Prompter,
    given: FileAnswers,
  ) {
    this.answers = { ...given }
  }

  /** An answer as text, empty where there is none. */
  text(flag: string): string {
    return String(this.answers[flag] ?? '')
  }

  /** What to suggest: the answer before, else `otherwise`. */
  suggestion(flag: string, otherwise = ''): string {
    return String(this.earlier[flag] ?? otherwise)
  }

  isAnswered(question: Question): boolean {
    return question.gives.every((flag) => this.answers[flag] !== undefined)
  }

  /** Makes the question open again, its answer the suggestion; what depends on it starts from nothing. */
  reopen(question: Question): void {
    for (const flag of question.gives) {
      this.earlier[flag] = this.answers[flag]
      delete this.answers[flag]
    }
    for (const flag of question.unsettles ?? []) {
      delete this.earlier[flag]
      delete this.answers[flag]
    }
  }

  input(): CreateTenantInput {
    return toCreateTenantInput(this.answers, this.password, false)
  }

  get country(): string {
    return (this.text('country') || 'IN').trim().toUpperCase()
  }

  /** The company as far as it is known; `over` replaces single answers. Throws as the workflow would. */
  async profile(over: Partial<ProfileInput> = {}): Promise<Profile> {
    const { company, admin } = this.input()
    return completeProfile({ ...company, name: company.name || 'Company', ...over }, admin.email || nobody)
  }

  /** Modules, tiers and prices of the day it is where the tenant is. */
  async catalogue(): Promise<Catalogue> {
    if (!this.#catalogue) {
      const { time_zone } = await this.profile()
      this.#catalogue = await readCatalogue(this.ctx, dayIn(time_zone, this.ctx.clock.now()))
    }
    return this.#catalogue
  }
}

/** Why the work would refuse it, and on a second line what to do about it; true where it would not. */
export async function judged(work: () => unknown): Promise<string | true> {
  try {
    await work()
    return true
  } catch (error) {
    if (error instanceof ErpmaxError && (error.kind === 'usage' || error.kind === 'conflict'))
      return error.hint ? `${error.message}\n${error.hint}` : error.message
    throw error
  }
}
