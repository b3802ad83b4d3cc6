/** How many tests there were, and the line that says so. */
export interface Counts {
  passed: number
  failed: number
  skipped: number
}

/** `12 passed, 0 failed`, and how many were skipped where some were. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
