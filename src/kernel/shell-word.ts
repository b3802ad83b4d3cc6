/** A word as a shell reads it back: in quotes where it needs them, so that printed commands work as they stand. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
