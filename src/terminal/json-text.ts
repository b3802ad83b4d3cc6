/** JSON as it leaves the program: a document over several lines, or one line of many. */

/** JSON writes out C0 controls; these a terminal acts upon too. They stand in texts only, so the value is the same. */
const acting = /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** Ends in a line break. Counts that come from the database as bigint become numbers. */
export function jsonText(value: unknown, form: 'document' | 'line'): string {
  const plain = (_key: string, one: unknown): unknown => (typeof one === 'bigint' ? Number(one) : one)
  const text = JSON.stringify(value, plain, form === 'line' ? undefined : 2)
  return `${text.replace(acting, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}
