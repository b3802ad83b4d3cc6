/** Looks at how calls of a gateway end. */
import { createServer } from 'node:net'
import { once } from 'node:events'
import { ProviderError } from '../../../src/kernel/payment-gateway.js'
import { rejection } from '../errors.js'
import type { AddressInfo } from 'node:net'

/** Outcome, code and status of the ProviderError that it is rejected with. */
export async function failure(call: Promise<unknown>): Promise<[string, string, number | null]> {
  const error = await rejection(call)
  if (!(error instanceof ProviderError)) throw error
  return [error.outcome, error.code, error.status]
}

export async function gathered<Item>(items: AsyncIterable<Item> | Iterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}

/** Where nobody listens. */
export async function unusedUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}
