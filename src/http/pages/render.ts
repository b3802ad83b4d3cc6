/** Web pages from templates: everything is escaped, nothing runs in them, and nothing comes from elsewhere. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { templateEngine } from '../../kernel/template-engine.js'
import { packageRoot } from '../../kernel/package-root.js'
import { pageLanguages } from './language.js'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Environment } from '../../kernel/config.js'
import type { WrittenLanguage } from '../../kernel/amounts.js'

/** The templates of one kind of page: `templates/pages/<folder>/*.liquid`, `style.css` and `words/<language>.json`. */
export interface Pages<Words> {
  words(language: WrittenLanguage): Words
  /** What the browser is told with every answer of these routes, redirects and errors among them. */
  guard(app: FastifyInstance): void
  /** @param name of the template; `words`, `language` and `css` are added to the scope */
  send(
    reply: FastifyReply,
    status: number,
    name: string,
    language: WrittenLanguage,
    scope: object,
  ): Promise<FastifyReply>
}

/** Where the forms of a page may lead: `us`, or to the page of a provider of payments. */
export type FormTargets = 'us' | 'providers'

/** Read once, when the server is built: a template that is missing shows then. */
export async function openPages<Words extends object>(
  folder: string,
  forms: FormTargets,
  environment: Environment,
): Promise<Pages<Words>> {
  const shared = path.join(packageRoot(), 'templates', 'pages')
  const root = path.join(shared, folder)
  const css = (
    await Promise.all([path.join(shared, 'base.css'), path.join(root, 'style.css')].map(readText))
  ).join('')
  const read = await Promise.all(
    pageLanguages.map(async (language) => {
      const text = await readText(path.join(root, 'words', `${language}.json`))
      return [language, JSON.parse(text) as Words] as const
    }),
  )
  const words = Object.fromEntries(read) as Record<WrittenLanguage, Words>
  const headers = headersOf(css, formAction(forms, environment))
  const engine = templateEngine([root, shared], 'html')
  return {
    words: (language) => words[language],
    guard(app) {
      app.addHook('onRequest', (_request, reply, done) => {
        void reply.headers(headers)
        done()
      })
    },
    async send(reply, status, name, language, scope) {
      const all = { ...scope, words: words[language], language, css }
      const html = (await engine.renderFile(name, all)) as string
      return reply
        .code(status)
        .headers({ 'content-type': 'text/html; charset=utf-8', 'content-language': language })
        .send(html)
    },
  }
}

function readText(file: string): Promise<string> {
  return readFile(file, 'utf8')
}

/**
 * A form may lead to a provider, and the browser judges where it is led on: what address that is, the provider says
 * when it is asked. Outside production providers are stood in for on this machine.
 */
function formAction(forms: FormTargets, environment: Environment): string {
  if (forms === 'us') return "'self'"
  return environment === 'production' ? "'self' https:" : "'self' https: http:"
}

function headersOf(css: string, forms: string): Record<string, string> {
  const style = createHash('sha256').update(css).digest('base64')
  return {
    'content-security-policy': `default-src 'none'; style-src 'sha256-${style}'; form-action ${forms}; base-uri 'none'; frame-ancestors 'none'`,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'x-robots-tag': 'noindex, nofollow',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  }
}
