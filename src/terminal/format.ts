/** How values are written for people: durations, sizes, times, key-value blocks. */

/** `840 ms`, `1.2 s`, `3 min 20 s`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}

/** `13.6 MB`, in powers of 1,000. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** RFC 3339 in UTC, to the second, with a space: `2026-11-21 03:00:35Z`. */
export function formatTime(iso: string | null): string {
  return iso ? iso.replace('T', ' ').replace(/\.\d+Z$/, 'Z') : '-'
}

/**
 * Lines of `name  value`, the values in one column; entries without a value are left out.
 * @param columns of the terminal: longer values go on under themselves
 */
export function formatFacts(
  facts: readonly (readonly [string, string | number | null | undefined])[],
  columns = Infinity,
): string {
  const present = facts.filter(([, value]) => value !== null && value !== undefined && value !== '')
  const width = Math.max(0, ...present.map(([name]) => name.length)) + 2
  return present
    .map(([name, value]) => `${name.padEnd(width)}${hanging(String(value), width, columns)}`)
    .join('\n')
}

/** The text in the columns from `indent` on; its first line stands there already. Without an end of the columns it is left as it is. */
export function hanging(text: string, indent: number, columns: number): string {
  const lines = Number.isFinite(columns) ? text.split('\n') : [text]
  const width = Math.max(narrowest, columns - indent)
  return lines.flatMap((line) => wrapText(line, width)).join(`\n${' '.repeat(indent)}`)
}

/** Words narrower than this cannot be read any more: the terminal breaks them where it will. */
const narrowest = 20

/** What to do next, under an error: `  Try: erpmax tenant list`. A command stays one that can be copied. */
export function formatHint(hint: string, columns: number): string {
  const sign = '  Try: '
  const isCommand = /^(erpmax|--|echo) ?\S/.test(hint) && !/[,;] | or /.test(hint)
  return sign + (isCommand ? wrapCommand(hint, sign.length, columns) : hanging(hint, sign.length, columns))
}

/** Flags with their values, and words with what is quoted in them. */
const wordsOfCommand = /(?:--[\w-]+ (?=[^-\s]))?(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/g

/** A command in the columns from `indent` on, on several lines that a shell takes for one. */
export function wrapCommand(command: string, indent: number, columns: number): string {
  const words = command.match(wordsOfCommand) ?? []
  if (words.join(' ') !== command) return command
  const lines: string[] = []
  const longest = columns - indent - deeper - 2
  for (const word of words.flatMap((one) => (one.length > longest ? one.split(/(?<=^--[\w-]+) /) : [one]))) {
    const last = lines.at(-1)
    // The first line begins further left than the others, and each but the last ends in a backslash.
    const room = columns - indent - (lines.length > 1 ? deeper : 0) - 2
    if (last !== undefined && last.length + 1 + word.length <= room)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.join(` \\\n${' '.repeat(indent + deeper)}`)
}

const deeper = 2

/** Holds two words together where a text is wrapped; printed as a space. */
export const unbreakable = '\u00a0'

/** Breaks a text into lines of at most `width` characters, between words where it can. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = []
  const [first = '', ...words] = text.split(' ')
  let line = first
  for (const word of words) {
    if (line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = `${line} ${word}`
  }
  return [...lines, line].map((one) => one.replaceAll(unbreakable, ' '))
}

/** The text in at most `width` columns; what does not fit gives way to the ellipsis. Plain text only. */
export function cutText(text: string, width: number, ellipsis: string): string {
  if (text.length <= width) return text
  return width <= ellipsis.length
    ? text.slice(0, Math.max(0, width))
    : text.slice(0, width - ellipsis.length) + ellipsis
}
