/** JSON as it leaves the program: a document over several lines, or one line of many. */

/** Ends in a line break. Counts that come from the database as bigint become numbers. */
export function jsonText(value: unknown, form: 'document' | 'line'): string {
  const plain = (_key: string, one: unknown): unknown => (typeof one === 'bigint' ? Number(one) : one)
  return `${JSON.stringify(value, plain, form === 'line' ? undefined : 2)}\n`
}
