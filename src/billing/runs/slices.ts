/** A batch in statements of bounded size: one transaction, but never all of its rows as one text in memory. */

const most = 1000

export function slices<Row>(rows: readonly Row[]): Row[][] {
  return Array.from({ length: Math.ceil(rows.length / most) }, (_, n) => rows.slice(n * most, (n + 1) * most))
}
