/** Reads a webhook's body as the bytes it is: its size is judged first, and what all of them hold together is bounded. */
import type { IncomingMessage } from 'node:http'

/** As the inbox takes it. */
export const largestBody = 1024 * 1024
/** So much anybody may send, however full it is: no event of a provider is larger, save a few. */
const always = 64 * 1024
/** What bodies may hold beyond that, together. */
const room = 64 * 1024 * 1024

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
      const chunks: Buffer[] = []
      let length = 0
      let beyond = 0
      const onData = (chunk: Buffer): void => {
        chunks.push(chunk)
        length += chunk.length
        if (length > largestBody) return refuse('too_large')
        const more = Math.max(0, length - always) - beyond
        beyond += more
        held += more
        if (held > room && more > 0) refuse('crowded')
      }
      const onEnd = (): void => {
        // Copied: a piece is a view on what was read from the socket, 64 KiB that would stay as long as it does.
        const body = Buffer.concat(chunks, length)
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
        chunks.length = 0
        request.off('data', onData).off('end', onEnd).off('close', onClose)
      }
      request
        .on('data', onData)
        .on('end', onEnd)
        .on('close', onClose)
        .on('error', () => {})
    })
}
