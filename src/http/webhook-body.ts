/** Reads a webhook's body as the bytes it is: its size is judged first, and what all of them hold together is bounded. */
import type { IncomingMessage } from 'node:http'

/** As the inbox takes it. */
export const largestBody = 1024 * 1024
/** So much anybody may send, however full it is: no event of a provider is larger, save a few. */
const always = 64 * 1024
/** What bodies may hold beyond that, together. */
const room = 64 * 1024 * 1024
/** Of one body: a network sends a mebibyte in fewer, and each costs as much time as a small request. */
const mostPieces = 8192

export type ReadBody = Buffer | 'too_large' | 'crowded'

/** A reader for one listener. It rejects where the sender goes away in the middle. */
export function bodyReader(): (request: IncomingMessage) => Promise<ReadBody> {
  let held = 0
  return (request) =>
    new Promise((resolve, reject) => {
      // What is not wanted is read all the same, up to the time limit of a request: a sender that is cut off while it
      // writes never sees the answer.
      const refuse = (why: ReadBody): void => {
        settle()
        request.resume()
        resolve(why)
      }
      // One piece of memory, however many it came in: a body of single bytes would take two hundred times its size.
      const told = Number(request.headers['content-length'] ?? largestBody)
      let bytes = Buffer.alloc(0)
      let length = 0
      let pieces = 0
      let beyond = 0
      const onData = (chunk: Buffer): void => {
        const whole = length + chunk.length
        if (whole > largestBody) return refuse('too_large')
        if (++pieces > mostPieces) return void request.destroy()
        if (whole > bytes.length) {
          const size = pieces === 1 ? whole : Math.min(told, whole > always ? largestBody : always, whole * 2)
          const more = Math.max(0, size - always) - beyond
          beyond += more
          held += more
          if (held > room && more > 0) return refuse('crowded')
          const larger = Buffer.allocUnsafe(size)
          bytes.copy(larger, 0, 0, length)
          bytes = larger
        }
        chunk.copy(bytes, length)
        length = whole
      }
      const onEnd = (): void => {
        const body = length === bytes.length ? bytes : Buffer.from(bytes.subarray(0, length))
        settle()
        resolve(body)
      }
      const onClose = (): void => {
        settle()
        reject(Object.assign(new Error('The sender went away'), { code: 'ECONNRESET', statusCode: 400 }))
      }
      const settle = (): void => {
        held -= beyond
        beyond = 0
        bytes = Buffer.alloc(0)
        request.off('data', onData).off('end', onEnd).off('close', onClose)
      }
      if (told > largestBody) return refuse('too_large')
      request
        .on('data', onData)
        .on('end', onEnd)
        .on('close', onClose)
        .on('error', () => {})
    })
}
