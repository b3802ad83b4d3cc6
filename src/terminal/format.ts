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

/** The text in the columns from `indent` on; its first line stands there already. */
export function hanging(text: string, indent: number, columns: number): string {
  return wrapText(text, Math.max(20, columns - indent)).join(`\n${' '.repeat(indent)}`)
}

/** Holds two words together where a text is wrapped; printed as a space. */
export const unbreakable = '\u00a0'

/** Breaks a text into lines of at most `width` characters, between words where it can. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
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
