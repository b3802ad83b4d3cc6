/** Reads a backup that was found whole, section by section; a byte that has changed since then stops it. */
import { ErpmaxError } from '../../kernel/errors.js'
import { BlockReader, type Source } from './reader.js'
import { Walk, type WalkEvent } from './walk.js'
import type { Head, Section } from './manifest.js'

export class BackupCursor {
  #events: AsyncGenerator<WalkEvent, void, void>
  #pending: WalkEvent | null = null

  constructor(file: Source) {
    this.#events = new Walk(new BlockReader(file)).events()
  }

  /** The head of the next volume, wherever the cursor is; null behind the last one. */
  async nextVolume(): Promise<Head | null> {
    for (;;) {
      const event = await this.#next()
      if (event === null) return null
      if (event.event === 'volume') return event.head
    }
  }

  /** The next section of this volume; null at its end. */
  async nextSection(): Promise<Section | null> {
    for (;;) {
      const event = await this.#next()
      if (event === null || event.event === 'manifest') return null
      if (event.event === 'section') return event.section
      if (event.event === 'volume') throw new Error('a volume began inside another one')
    }
  }

  /** What is in the section, to its end. */
  async *chunks(): AsyncGenerator<Buffer, void, void> {
    for (;;) {
      const event = await this.#next()
      if (event?.event !== 'data') {
        this.#pending = event
        return
      }
      yield event.content
    }
  }

  /** For what is small: all of it at once. */
  async content(): Promise<Buffer> {
    const chunks: Buffer[] = []
    for await (const chunk of this.chunks()) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  async #next(): Promise<WalkEvent | null> {
    const event = this.#pending ?? (await this.#events.next()).value ?? null
    this.#pending = null
    if (event?.event !== 'problem') return event
    throw new ErpmaxError('failure', 'backup.changed', 'The backup changed while it was being read', {
      hint: 'Run the same command again',
      details: { problem: event.problem },
    })
  }
}
