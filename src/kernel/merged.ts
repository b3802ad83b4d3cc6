/** Several streams as one. */

/** What any of them yields, as it comes; where one throws the others finish what they have in hand. */
export async function* merged<Item>(
  sources: AsyncGenerator<Item, void, void>[],
): AsyncGenerator<Item, void, void> {
  const next = (source: AsyncGenerator<Item, void, void>) =>
    source.next().then((taken) => ({ source, taken }))
  const waiting = new Map(sources.map((source) => [source, next(source)]))
  try {
    while (waiting.size > 0) {
      const { source, taken } = await Promise.race(waiting.values())
      if (taken.done) waiting.delete(source)
      else {
        waiting.set(source, next(source))
        yield taken.value
      }
    }
  } finally {
    await Promise.allSettled([...waiting.values()])
    await Promise.allSettled([...waiting.keys()].map((source) => source.return()))
  }
}
