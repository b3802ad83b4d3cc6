/** How far a backup or a restore is: tables done, and bytes, told from time to time within a large table too. */
import type { StepProgress } from '../../kernel/workflow.js'
import type { Section } from './manifest.js'

/** Often enough for an eye and for the lease of the job, seldom enough for a log. */
const intervalMs = 500

type Named = Pick<Section, 'group' | 'name'>

export class Progress {
  #done = 0
  #bytes = 0
  #told = performance.now()
  #groups: Map<string, { done: number; total: number }>
  #total: number
  #at: Named = { group: '', name: '' }

  constructor(groups: readonly { name: string; total: number }[]) {
    this.#groups = new Map(groups.map(({ name, total }) => [name, { done: 0, total }]))
    this.#total = groups.reduce((sum, { total }) => sum + total, 0)
  }

  add(bytes: number): void {
    this.#bytes += bytes
  }

  /** Whether it is time to say something again. */
  isDue(): boolean {
    return performance.now() - this.#told >= intervalMs
  }

  /** In the middle of a table. */
  within(section: Named): StepProgress {
    this.#at = section
    return this.again()
  }

  done(section: Named): StepProgress {
    this.#done += 1
    const group = this.#groups.get(section.group)
    if (group) group.done += 1
    return this.within(section)
  }

  /** Where it is, once more. */
  again(): StepProgress {
    this.#told = performance.now()
    const { group: name, name: item } = this.#at
    const group = this.#groups.get(name) ?? { done: 0, total: 0 }
    return {
      ...{ group: name, item, done: this.#done, total: this.#total },
      ...{ groupDone: group.done, groupTotal: group.total, bytes: this.#bytes },
    }
  }
}

/**
 * Progress in volumes instead of tables, of which an installation may have a hundred thousand.
 * @param done volumes before this one
 */
export async function* inVolumes<Result>(
  item: string,
  { done, total }: { done: number; total: number },
  work: () => AsyncGenerator<StepProgress, Result, void>,
): AsyncGenerator<StepProgress, Result, void> {
  const at = (volumes: number): StepProgress => ({
    ...{ group: item, item, done: volumes, total, groupDone: volumes, groupTotal: total },
  })
  let told = performance.now()
  const volume = work()
  try {
    for (;;) {
      const next = await volume.next()
      if (next.done) {
        yield at(done + 1)
        return next.value
      }
      if (performance.now() - told < intervalMs) continue
      told = performance.now()
      yield at(done)
    }
  } finally {
    await volume.return(undefined as never)
  }
}
