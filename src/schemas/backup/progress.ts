/** How far a backup or a restore is: tables done, and bytes, told from time to time within a large table too. */
import type { StepProgress } from '../../kernel/workflow.js'
import type { Section } from './manifest.js'

/** Often enough for an eye and for the lease of the job, seldom enough for a log. */
const intervalMs = 500

export class Progress {
  #done = 0
  #bytes = 0
  #told = performance.now()
  #groups: Map<string, { done: number; total: number }>
  #total: number

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

  within(section: Pick<Section, 'group' | 'name'>): StepProgress {
    this.#told = performance.now()
    const group = this.#groups.get(section.group) ?? { done: 0, total: 0 }
    return {
      group: section.group,
      item: section.name,
      done: this.#done,
      total: this.#total,
      groupDone: group.done,
      groupTotal: group.total,
      bytes: this.#bytes,
    }
  }

  done(section: Pick<Section, 'group' | 'name'>): StepProgress {
    this.#done += 1
    const group = this.#groups.get(section.group)
    if (group) group.done += 1
    return this.within(section)
  }
}
