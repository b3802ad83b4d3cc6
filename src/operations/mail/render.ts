/** A mail in words: `templates/mail/<kind>/<language>.{subject,txt,html}.liquid`, in HTML with everything escaped. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { templateEngine, type TemplateEngine } from '../../kernel/template-engine.js'
import { printAmount, printDay } from '../../kernel/amounts.js'
import { plainDate } from '../../kernel/dates.js'
import { ErpmaxError, messageOf } from '../../kernel/errors.js'
import { packageRoot } from '../../kernel/package-root.js'
import { redacted } from '../../kernel/secret.js'
import type { MailLanguage } from '../mail.js'

/** Who writes: the name at its end, and the address for questions. */
export interface MailSender {
  name: string
  contact: string
}

export interface RenderableMail {
  kind: string
  language: MailLanguage
  data: Record<string, unknown>
  secrets: Record<string, unknown> | null
}

export interface RenderedMail {
  subject: string
  text: string
  html: string
}

export const mailTemplates = path.join(packageRoot(), 'templates', 'mail')

/** @throws failure `mail.template_failed`: there is no such template, or it misses a value */
export async function renderMail(mail: RenderableMail, sender: MailSender): Promise<RenderedMail> {
  const { kind, language } = mail
  try {
    const words = await readWords(`words/${language}.json`)
    const values = clean({ ...mail.data, ...mail.secrets, sender, language }) as Record<string, unknown>
    const scope = { ...values, words }
    const { text, html } = enginesOf(language)
    const subject = oneLine(await render(text, `${kind}/${language}.subject`, scope))
    return {
      subject,
      text: tidy(await render(text, `${kind}/${language}.txt`, scope)),
      html: await render(html, `${kind}/${language}.html`, {
        ...{ ...scope, subject, style: await readWords('style.json') },
      }),
    }
  } catch (cause) {
    throw new ErpmaxError(
      'failure',
      'mail.template_failed',
      `The template "${kind}" in "${language}" does not work: ${oneLine(messageOf(cause))}`,
      { cause, details: { kind, language } },
    )
  }
}

const engines = new Map<MailLanguage, { text: TemplateEngine; html: TemplateEngine }>()

function enginesOf(language: MailLanguage): { text: TemplateEngine; html: TemplateEngine } {
  const known = engines.get(language)
  if (known) return known
  const made = { text: engine(language, 'text'), html: engine(language, 'html') }
  engines.set(language, made)
  return made
}

function engine(language: MailLanguage, form: 'html' | 'text'): TemplateEngine {
  const made = templateEngine(mailTemplates, form)
  made.registerFilter('money', (value: unknown) => {
    const { amount_minor, currency } = (value ?? {}) as { amount_minor?: unknown; currency?: unknown }
    if (!Number.isSafeInteger(amount_minor) || typeof currency !== 'string' || !/^[A-Z]{3}$/.test(currency))
      throw new TypeError('money is {amount_minor, currency}')
    return printAmount(BigInt(amount_minor as number), currency, language)
  })
  made.registerFilter('day', (value: unknown) => printDay(plainDate(String(value)), language))
  made.registerFilter('link', (value: unknown) => {
    if (value === redacted) return redacted
    const url = new URL(String(value))
    if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new TypeError('a link is http or https')
    return url.href
  })
  return made
}

async function render(engine: TemplateEngine, file: string, scope: object): Promise<string> {
  return (await engine.renderFile(`${file}.liquid`, scope)) as string
}

const read = new Map<string, Promise<unknown>>()

function readWords(file: string): Promise<unknown> {
  const known =
    read.get(file) ??
    readFile(path.join(mailTemplates, file), 'utf8').then((text): unknown => JSON.parse(text))
  read.set(file, known)
  return known
}

/**
 * Line breaks and what else does not print: in a name they would begin a line of somebody else's making. The marks
 * that turn the direction of writing would show another text than there is.
 */
const unprintable = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu

function clean(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(unprintable, ' ')
  if (Array.isArray(value)) return value.map(clean)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clean(inner)]))
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** What a condition left out leaves no gap. */
function tidy(text: string): string {
  return `${text.replace(/\n{3,}/g, '\n\n').trim()}\n`
}
