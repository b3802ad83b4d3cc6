/** Web pages from templates: everything is escaped, nothing runs in them, and nothing comes from elsewhere. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Liquid } from 'liquidjs'
import { packageRoot } from '../../kernel/package-root.js'
import type { FastifyReply } from 'fastify'
import type { Environment } from '../../kernel/config.js'
import type { WrittenLanguage } from '../../kernel/amounts.js'

/** The templates of one kind of page: `templates/<folder>/*.liquid`, `style.css` and `words/<language>.json`. */
export interface Pages<Words> {
  words(language: WrittenLanguage): Words
  /** @param name of the template; `words`, `language` and `css` are added to the scope */
  send(
    reply: FastifyReply,
    status: number,
    name: string,
    language: WrittenLanguage,
    scope: Record<string, unknown>,
  ): Promise<FastifyReply>
}

const languages = ['en', 'hi', 'uk'] as const

/** Read once, when the server is built: a template that is missing shows then. */
export async function openPages<Words extends object>(
  folder: string,
  environment: Environment,
): Promise<Pages<Words>> {
  const root = path.join(packageRoot(), 'templates', folder)
  const css = await readFile(path.join(root, 'style.css'), 'utf8')
  const read = await Promise.all(
    languages.map(async (language) => {
      const text = await readFile(path.join(root, 'words', `${language}.json`), 'utf8')
      return [language, JSON.parse(text) as Words] as const
    }),
  )
  const words = Object.fromEntries(read) as Record<WrittenLanguage, Words>
  const headers = headersOf(css, environment)
  const engine = engineOf(root)
  return {
    words: (language) => words[language],
    async send(reply, status, name, language, scope) {
      const all = { ...scope, words: words[language], language, css }
      const html = (await engine.renderFile(name, all)) as string
      return reply
        .code(status)
        .headers({ ...headers, 'content-language': language })
        .send(html)
    },
  }
}

/** People may edit templates: an unknown name is an error, there is no way to code or to files, and work has an end. */
function engineOf(root: string): Liquid {
  return new Liquid({
    root,
    extname: '.liquid',
    cache: true,
    outputEscape: 'escape',
    strictFilters: true,
    strictVariables: true,
    ownPropertyOnly: true,
    dynamicPartials: false,
    parseLimit: 200_000,
    renderLimit: 30_000,
    memoryLimit: 20_000_000,
  })
}

/**
 * A form may lead to a provider, and the browser judges where it is led on: what address that is, the provider says
 * when it is asked. Outside production providers are stood in for on this machine.
 */
function headersOf(css: string, environment: Environment): Record<string, string> {
  const style = createHash('sha256').update(css).digest('base64')
  const forms = environment === 'production' ? "'self' https:" : "'self' https: http:"
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${style}'; form-action ${forms}; base-uri 'none'; frame-ancestors 'none'`,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-robots-tag': 'noindex, nofollow',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=()',
  }
}

/** For pages that belong to no document: the first language of the browser that pages are written in. */
export function languageFor(accepted: string | undefined): WrittenLanguage {
  const wanted = (accepted ?? '')
    .slice(0, 200)
    .split(',')
    .map((part) => part.trim().slice(0, 2).toLowerCase())
  return (
    languages.find(
      (language) => language === wanted.find((one) => languages.some((known) => known === one)),
    ) ?? 'en'
  )
}
