/** The language of a page: one choice for all of them. */
import type { WrittenLanguage } from '../../kernel/amounts.js'

export const pageLanguages = ['en', 'hi', 'uk'] as const satisfies readonly WrittenLanguage[]

/** Each in its own words. */
export const languageNames: Readonly<Record<WrittenLanguage, string>> = {
  en: 'English',
  hi: 'हिन्दी',
  uk: 'Українська',
}

/** What speaks for a language, the strongest first; anything else than a known language says nothing. */
export interface LanguageSigns {
  /** In the address: the reader chose it on the page. */
  asked?: unknown
  /** Of the document, or of the person. */
  known?: string | null
  /** The header of the browser; its order counts, not its weights. */
  accepted?: string | undefined
}

export function pageLanguage({ asked, known = null, accepted = '' }: LanguageSigns): WrittenLanguage {
  const wanted = [
    ...(typeof asked === 'string' ? [asked] : []),
    ...(known === null ? [] : [known]),
    ...accepted.slice(0, 200).split(','),
  ].map((one) => one.split(';')[0]?.trim().toLowerCase().split('-')[0])
  return wanted.flatMap((one) => pageLanguages.filter((language) => language === one))[0] ?? 'en'
}
