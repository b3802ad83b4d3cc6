/** A network that takes its time: forwards bytes after a delay each way, in order, without limiting how many. */
import { connect, createServer, type Socket } from 'node:net'

export interface DelayProxy {
  port: number
  close(): Promise<void>
}

/** @param socketPath where the server listens; @param delayMs each way: a round trip takes twice as long */
export async function openDelayProxy(socketPath: string, delayMs: number): Promise<DelayProxy> {
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(socketPath)
    client.setNoDelay(true)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => sockets.delete(socket))
    }
    forward(client, upstream, delayMs)
    forward(upstream, client, delayMs)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    port: address.port,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Timers of one length fire in the order they were set, so the bytes stay in order. */
function forward(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', (chunk) => setTimeout(() => to.writable && to.write(chunk), delayMs))
  from.on('end', () => setTimeout(() => to.end(), delayMs))
}
