/** Pages for people without a command line: `templates/pages`, everything escaped, no script, nothing from elsewhere. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Liquid } from 'liquidjs'
import { packageRoot } from '../../kernel/package-root.js'

export const pageLanguages = ['en', 'hi', 'uk'] as const

export type PageLanguage = (typeof pageLanguages)[number]

/** The words of a language, as `templates/pages/words` has them. */
export interface Words {
  go_on: string
  one_moment: string
  password: string
  password_again: string
  password_hint: string
  invitation: Record<string, string>
  reset: Record<string, string>
  roles: Record<string, string>
  problems: Record<string, string>
}

export interface Field {
  name: string
  label: string
  type: 'text' | 'password'
  autocomplete: string
  value: string
  hint: string | null
}

export interface PageView {
  title: string
  lines: string[]
  facts: { label: string; value: string }[]
  problem: string | null
  /** Where the browser goes on by itself. */
  again: string | null
  form: { action: string; csrf: string; username: string | null; fields: Field[]; button: string } | null
  languages: { code: PageLanguage; name: string; href: string }[]
}

const folder = path.join(packageRoot(), 'templates', 'pages')
const engine = new Liquid({
  ...{ root: folder, cache: true, strictFilters: true, strictVariables: true, ownPropertyOnly: true },
  ...{ dynamicPartials: false, outputEscape: 'escape' },
  ...{ parseLimit: 100_000, renderLimit: 5_000, memoryLimit: 5_000_000 },
})

const read = new Map<string, Promise<string>>()

function textOf(file: string): Promise<string> {
  const known = read.get(file) ?? readFile(path.join(folder, file), 'utf8')
  read.set(file, known)
  return known
}

export async function wordsOf(language: PageLanguage): Promise<Words> {
  return JSON.parse(await textOf(`words/${language}.json`)) as Words
}

/** `{company}` and the like by their values, which stay text: the template escapes them. */
export function filled(text: string | undefined, values: Record<string, string> = {}): string {
  return (text ?? '').replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : whole,
  )
}

export async function renderPage(view: PageView, language: PageLanguage): Promise<string> {
  const scope = { ...view, language, words: await wordsOf(language), style: await textOf('style.css') }
  return (await engine.renderFile('page.liquid', scope)) as string
}

/** What a browser may do with a page: show it, use our one style sheet, send its form back to us. */
export async function contentPolicy(): Promise<string> {
  const hash = createHash('sha256')
    .update(await textOf('style.css'))
    .digest('base64')
  return `default-src 'none'; style-src 'sha256-${hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`
}

export const languageNames: Readonly<Record<PageLanguage, string>> = {
  en: 'English',
  hi: 'हिन्दी',
  uk: 'Українська',
}

/** By what was asked for, what is known of the person, what the browser says, in this order; else English. */
export function pageLanguage(
  asked: unknown,
  known: string | null,
  accepted: string | undefined,
): PageLanguage {
  const wanted = [
    ...(typeof asked === 'string' ? [asked] : []),
    ...(known === null ? [] : [known]),
    ...(accepted ?? '').split(',').map((one) => one.split(';')[0] ?? ''),
  ].map((one) => one.trim().toLowerCase().split('-')[0])
  return wanted.flatMap((one) => pageLanguages.filter((language) => language === one))[0] ?? 'en'
}
