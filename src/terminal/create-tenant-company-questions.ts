/** The questions of `tenant create` about the company and its administrator. */
import { messageOf } from '../kernel/errors.js'
import { Secret } from '../kernel/secret.js'
import { requireGoodPassword } from '../people/passwords.js'
import { userExists } from '../people/first-admin.js'
import { findIndianState, indianStates, type IndianState } from '../tenants/indian-states.js'
import { emailOf, type Profile, type ProfileInput } from '../tenants/profile.js'
import { subdomainFrom } from '../tenants/subdomain.js'
import { checkedInput, type Verdict } from './checked-input.js'
import { judged, type Dialogue, type Question } from './create-tenant-dialogue.js'
import { askSubdomain, freeSubdomainFor } from './subdomain-prompt.js'
import type { Choice } from './prompter.js'

const gstinLength = 15

export const companyQuestions: readonly Question[] = [
  {
    gives: ['name'],
    label: 'Company',
    ask: async (dialogue) => ({
      name: await dialogue.prompter.input({
        message: 'Company name:',
        ...suggested(dialogue.suggestion('name')),
        validate: (name) => judged(() => dialogue.profile({ name })),
      }),
    }),
  },
  { gives: ['subdomain'], label: 'Subdomain', ask: subdomainOf },
  {
    gives: ['country'],
    label: 'Country',
    unsettles: ['state', 'gstin', 'vat-id', 'currency'],
    ask: async (dialogue) => ({
      country: await asked(
        dialogue,
        'Country, ISO code:',
        dialogue.suggestion('country', 'IN'),
        countryVerdict,
      ),
    }),
  },
  {
    gives: ['gstin'],
    label: 'GSTIN',
    unsettles: ['state'],
    applies: (dialogue) => dialogue.country === 'IN',
    ask: async (dialogue) => ({
      gstin: await asked(dialogue, 'GSTIN, empty for none:', dialogue.suggestion('gstin'), gstinVerdict),
    }),
  },
  {
    gives: ['vat-id'],
    label: 'VAT id',
    applies: (dialogue) => dialogue.country !== 'IN',
    ask: async (dialogue) => ({
      'vat-id': await asked(dialogue, 'VAT id, empty for none:', dialogue.suggestion('vat-id'), vatVerdict),
    }),
  },
  {
    gives: ['state'],
    label: 'State',
    // The first two digits of a GSTIN are its state.
    applies: (dialogue) => dialogue.text('gstin') === '',
    ask: async (dialogue) => ({ state: await stateOf(dialogue) }),
  },
  {
    gives: ['admin-email'],
    label: 'Administrator, e-mail',
    unsettles: ['password'],
    ask: async (dialogue) => ({
      'admin-email': await dialogue.prompter.input({
        message: "Administrator's e-mail:",
        ...suggested(dialogue.suggestion('admin-email')),
        validate: (email) => judged(() => emailOf('admin_email', email)),
      }),
    }),
  },
  {
    gives: ['admin-name'],
    label: 'Administrator, name',
    ask: async (dialogue) => ({
      'admin-name': await dialogue.prompter.input({
        message: "Administrator's name:",
        ...suggested(dialogue.suggestion('admin-name', dialogue.text('admin-email').split('@')[0])),
        validate: (name) => name.length <= 200 || 'A name has at most 200 characters',
      }),
    }),
  },
  { gives: ['password'], label: 'Password', ask: passwordOf },
]

function suggested(text: string): { default?: string } {
  return text === '' ? {} : { default: text }
}

async function asked(
  dialogue: Dialogue,
  message: string,
  suggestion: string,
  check: (text: string, dialogue: Dialogue) => Promise<Verdict>,
): Promise<string> {
  return dialogue.prompter.custom(checkedInput, {
    message,
    ...suggested(suggestion),
    check: (text) => check(text, dialogue),
    looks: dialogue.prompter.looks,
  })
}

async function subdomainOf(dialogue: Dialogue): Promise<Record<string, string>> {
  const { ctx, prompter } = dialogue
  const name = dialogue.text('name')
  if (dialogue.answers['from-name'] === true && dialogue.earlier.subdomain === undefined) {
    const free = await freeSubdomainFor(ctx, name)
    if (free) return { subdomain: free }
  }
  return {
    subdomain: await askSubdomain(ctx, prompter, dialogue.suggestion('subdomain', subdomainFrom(name))),
  }
}

function countryVerdict(text: string, dialogue: Dialogue): Promise<Verdict> {
  return byProfile(dialogue, { country: text }, ({ country_code }) => ({
    text: new Intl.DisplayNames('en', { type: 'region' }).of(country_code) ?? country_code,
    value: country_code,
  }))
}

async function gstinVerdict(text: string, dialogue: Dialogue): Promise<Verdict> {
  if (text === '') return { state: 'good', text: 'none: not registered for GST' }
  const typed = text.replace(/[\s-]/g, '')
  if (typed.length < gstinLength)
    return { state: 'open', text: `${typed.length} of ${gstinLength} characters` }
  return byProfile(dialogue, { gstin: text }, ({ gstin, gst_state_code }) => ({
    text: `valid, ${findIndianState(gst_state_code ?? '')?.name}`,
    ...(gstin ? { value: gstin } : {}),
  }))
}

async function vatVerdict(text: string, dialogue: Dialogue): Promise<Verdict> {
  if (text === '') return { state: 'good', text: 'none' }
  return byProfile(dialogue, { vatId: text }, ({ vat_id }) => ({
    text: `${vat_id} is well formed`,
    ...(vat_id ? { value: vat_id } : {}),
  }))
}

async function byProfile(
  dialogue: Dialogue,
  over: Partial<ProfileInput>,
  good: (profile: Profile) => Omit<Verdict, 'state'>,
): Promise<Verdict> {
  let verdict: Verdict = { state: 'open', text: '' }
  const wrong = await judged(async () => {
    verdict = { state: 'good', ...good(await dialogue.profile(over)) }
  })
  return wrong === true ? verdict : { state: 'wrong', text: wrong }
}

async function stateOf(dialogue: Dialogue): Promise<string> {
  if (dialogue.country !== 'IN') {
    return asked(
      dialogue,
      'State, ISO suffix, empty for none:',
      dialogue.suggestion('state'),
      async (text) =>
        text === ''
          ? { state: 'good', text: 'none' }
          : byProfile(dialogue, { state: text }, ({ state_code }) => ({
              text: `${dialogue.country}-${state_code}`,
              value: state_code ?? '',
            })),
    )
  }
  return dialogue.prompter.search({ message: 'State:', source: (typed) => statesLike(typed ?? '') })
}

/** By the name, the ISO suffix or the GST code, or by leaving it out. */
function statesLike(typed: string): Choice<string>[] {
  const wanted = typed.trim().toLowerCase()
  const matches = ({ name, iso, gst }: IndianState): boolean =>
    name.toLowerCase().includes(wanted) || iso.toLowerCase() === wanted || gst === wanted
  const states = indianStates.filter(matches).map((state) => ({
    name: `${state.name} (${state.iso}, ${state.gst})`,
    short: state.name,
    value: state.iso,
  }))
  return wanted === '' ? [{ name: 'leave it out', short: '-', value: '' }, ...states] : states
}

/** The answer only says whether there is a password: the password itself is never among the answers. */
async function passwordOf(dialogue: Dialogue): Promise<Record<string, string>> {
  const { ctx, prompter } = dialogue
  dialogue.password = null
  const email = dialogue.text('admin-email').trim().toLowerCase()
  if (await userExists(ctx, email)) {
    prompter.say(`  ${email} has an account already and will be invited; its password stays as it is.`)
    return { password: 'unchanged' }
  }
  for (;;) {
    const first = await prompter.secret({
      message: 'Password, empty for an invitation link:',
      validate: (text) => text === '' || problemOf(text) || true,
    })
    if (first === '') {
      prompter.say('  An invitation link will be made.')
      return { password: 'invitation' }
    }
    const second = await prompter.secret({ message: 'Password again:', validate: () => true })
    if (first === second) {
      dialogue.password = new Secret(first)
      return { password: 'given' }
    }
    prompter.say(`  ${prompter.looks.paint.red('The two are not the same. Once more.')}`)
  }
}

function problemOf(password: string): string | null {
  try {
    requireGoodPassword(new Secret(password))
    return null
  } catch (error) {
    return messageOf(error)
  }
}
