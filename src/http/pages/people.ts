/** What the pages of invitations and new passwords are made of. */
import type { WrittenLanguage } from '../../kernel/amounts.js'

/** `templates/pages/people/words/<language>.json`; `{company}` and the like are filled in. */
export interface PeopleWords {
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

export interface PeopleView {
  title: string
  lines: string[]
  facts: { label: string; value: string }[]
  problem: string | null
  /** Where the browser goes on by itself. */
  again: string | null
  form: { action: string; csrf: string; username: string | null; fields: Field[]; button: string } | null
  languages: { code: WrittenLanguage; name: string; href: string }[]
}

export const emptyView: PeopleView = {
  ...{ title: '', lines: [], facts: [], problem: null, again: null, form: null, languages: [] },
}

/** The values stay text: the template escapes them. */
export function filled(text: string | undefined, values: Record<string, string> = {}): string {
  return (text ?? '').replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? '') : whole,
  )
}
