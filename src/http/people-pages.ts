/** `/invitations/{token}` and `/reset/{token}`: what people do who have no command line. */
import { filled, type Field, type PeopleWords } from './pages/people.js'
import { sendProblem, tooMany, type PageRequest } from './pages/problem-page.js'
import { perMinute } from './rate-limit.js'
import { serveTokenPage, type TokenPage, type TypedForm } from './pages/token-page.js'
import { printDay } from '../kernel/amounts.js'
import { dayIn } from '../kernel/dates.js'
import { ErpmaxError } from '../kernel/errors.js'
import { Secret } from '../kernel/secret.js'
import { acceptInvitation } from '../people/invitations/accept.js'
import { findInvitation, requireOpen } from '../people/invitations/look-up.js'
import { findReset, requireOpenReset, setPassword } from '../people/reset-password.js'
import type { Routes } from './server.js'

/** Of one address in a minute: an office may share one, a guesser of tokens gets nowhere with it. */
const most = { looks: 120, tries: 30 }

export const peoplePages: Routes = async (app, { ctx }) => {
  const { default: formbody } = await import('@fastify/formbody')
  await app.register(formbody, { bodyLimit: 16 * 1024 })
  const { openPages } = await import('./pages/render.js')
  const pages = await openPages<PeopleWords>('people', 'us', ctx.config.environment)
  pages.guard(app)
  const limits = { GET: perMinute(most.looks), POST: perMinute(most.tries) }
  app.addHook('onRequest', async (request) => {
    if (limits[request.method === 'POST' ? 'POST' : 'GET'].exceeded(request.ip).exceeded) throw tooMany
  })
  app.setErrorHandler((error, request, reply) => sendProblem(pages, request as PageRequest, reply, error))
  serveTokenPage(app, { ctx, pages }, invitations)
  serveTokenPage(app, { ctx, pages }, resets)
}

const invitations: TokenPage = {
  path: '/invitations',
  cookie: 'erpmax_invitation',
  async open(ctx, token) {
    const found = await findInvitation(ctx, token)
    await requireOpen(ctx, found)
    const { company, email, fullName, hasPassword, role } = found
    const lastDay = dayIn(found.timeZone, found.expiresAt)
    return {
      ...{ language: found.language, username: email },
      view: (words, language) => {
        const texts = words.invitation
        const say = (key: string): string => filled(texts[key], { company, email })
        const nameField: Field = {
          ...{ name: 'name', label: say('name'), type: 'text', autocomplete: 'name', hint: null },
          value: fullName === email ? '' : fullName,
        }
        return {
          title: say('title'),
          lines: [say('text'), ...(hasPassword ? [say('known')] : [])],
          facts: [
            { label: say('address'), value: email },
            { label: say('role'), value: words.roles[role.code] ?? role.name },
            { label: say('expires'), value: printDay(lastDay, language) },
          ],
          fields: hasPassword ? [] : [nameField, ...passwordFields(words)],
          button: say(hasPassword ? 'button_known' : 'button_new'),
        }
      },
    }
  },
  async submit(ctx, token, form) {
    const name = form('name')?.trim() ?? ''
    const accepted = await acceptInvitation(ctx, {
      token: new Secret(token),
      password: () => Promise.resolve().then(() => newPassword(form)),
      name: name === '' ? null : name,
      byPerson: true,
    })
    const values = { company: accepted.membership.company, email: accepted.user.email }
    return ({ invitation }) => ({
      title: filled(invitation.done_title, values),
      line: filled(invitation.done, values),
    })
  },
}

const resets: TokenPage = {
  path: '/reset',
  cookie: 'erpmax_reset',
  async open(ctx, token) {
    const found = await findReset(ctx, token)
    requireOpenReset(ctx, found)
    return {
      ...{ language: found.language, username: found.email },
      view: (words) => ({
        title: filled(words.reset.title),
        lines: [filled(words.reset.text, { email: found.email })],
        facts: [],
        fields: passwordFields(words),
        button: filled(words.reset.button),
      }),
    }
  },
  async submit(ctx, token, form) {
    const { user } = await setPassword(ctx, { token: new Secret(token), password: newPassword(form) })
    return ({ reset }) => ({
      title: filled(reset.done_title),
      line: filled(reset.done, { email: user.email }),
    })
  },
}

/** Without a limit of length: a browser would cut what is longer, and nobody would know. */
function passwordFields(words: PeopleWords): Field[] {
  const field = { type: 'password', autocomplete: 'new-password', value: '' } as const
  return [
    { ...field, name: 'password', label: words.password, hint: words.password_hint },
    { ...field, name: 'password_again', label: words.password_again, hint: null },
  ]
}

/** @throws usage `password.missing`, `password.different` */
function newPassword(form: TypedForm): Secret {
  const password = form('password') ?? ''
  if (password === '') throw new ErpmaxError('usage', 'password.missing', 'No password was given')
  const again = form('password_again')
  if (again !== null && again !== password)
    throw new ErpmaxError('usage', 'password.different', 'The two passwords are not the same')
  return new Secret(password)
}
