/** From when on a provider's list is read for something that was asked for here. */

/** The clocks of both sides differ, and lists begin at an instant. */
const earlierMs = 10 * 60_000

/** @param createdAt of our row, by the database's clock */
export function listedSince(createdAt: Date): Date {
  return new Date(createdAt.getTime() - earlierMs)
}
