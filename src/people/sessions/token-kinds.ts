/** Which kind of token a text is, by its form alone. */

/** A JWT: three parts with dots between them. */
export function isAccessToken(text: string): boolean {
  return text.split('.').length === 3
}

export function isApiKey(text: string): boolean {
  return text.startsWith('erpmax_')
}
