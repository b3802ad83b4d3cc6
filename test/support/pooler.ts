/** A connection pooler in front of a server, small and honest: shares backends between clients as PgBouncer does. */
import net from 'node:net'
import pg from 'pg'

export interface PoolerOptions {
  /** When a backend goes back: at the end of each transaction, or with its client. */
  mode: 'transaction' | 'session'
  /** Backends at most; further clients wait. */
  size: number
  /** Whether the backend released last or first is handed out next. */
  order: 'lifo' | 'fifo'
}

interface Backend {
  socket: net.Socket
  client: pg.Client
  onMessage: (type: string, message: Buffer) => void
}

const sslRequest = 80_877_103

/** Listens on a free port of this machine; lets every client in. */
export async function startPooler(
  target: pg.ClientConfig,
  options: PoolerOptions,
): Promise<{ port: number; stop(): Promise<void> }> {
  const pool = new Backends(target, options)
  // A pooler in use has backends at hand, older than the clients that come.
  await pool.warm(Math.min(2, options.size))
  const server = net.createServer((socket) => serve(socket, pool, options.mode))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as net.AddressInfo).port,
    async stop() {
      await pool.end()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

class Backends {
  #all: Backend[] = []
  #idle: Backend[] = []
  #waiting: ((backend: Backend) => void)[] = []

  constructor(
    private readonly target: pg.ClientConfig,
    private readonly options: PoolerOptions,
  ) {}

  async warm(count: number): Promise<void> {
    for (let n = 0; n < count; n++) this.#idle.push(await this.#connect())
  }

  async take(): Promise<Backend> {
    const idle = this.options.order === 'lifo' ? this.#idle.pop() : this.#idle.shift()
    if (idle) return idle
    if (this.#all.length < this.options.size) return this.#connect()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  give(backend: Backend): void {
    backend.onMessage = () => {}
    const next = this.#waiting.shift()
    if (next) next(backend)
    else this.#idle.push(backend)
  }

  async end(): Promise<void> {
    for (const { socket } of this.#all) socket.destroy()
  }

  /** pg logs in; from then on its socket is ours. */
  async #connect(): Promise<Backend> {
    const client = new pg.Client(this.target)
    client.on('error', () => {})
    await client.connect()
    const { stream } = (client as unknown as { connection: { stream: net.Socket } }).connection
    const backend: Backend = { socket: stream, client, onMessage: () => {} }
    stream.removeAllListeners('data')
    stream.on(
      'data',
      messages((type, message) => backend.onMessage(type, message)),
    )
    this.#all.push(backend)
    return backend
  }
}

function serve(socket: net.Socket, pool: Backends, mode: PoolerOptions['mode']): void {
  let backend: Promise<Backend> | null = null
  let outstanding = 0
  const release = (): void => {
    void backend?.then((held) => pool.give(held))
    backend = null
  }
  const onBackend = (type: string, message: Buffer): void => {
    socket.write(message)
    if (type !== 'Z') return
    outstanding -= 1
    if (mode === 'transaction' && outstanding === 0 && message.toString('latin1', 5) === 'I') release()
  }
  const onClient = messages((type, message) => {
    if (type === 'X') return void socket.end()
    if (type === 'Q' || type === 'S') outstanding += 1
    backend ??= pool.take()
    void backend.then((held) => {
      held.onMessage = onBackend
      held.socket.write(message)
    })
  })
  socket.setNoDelay(true)
  let begun = false
  socket.on('data', (chunk) => {
    if (begun) return onClient(chunk)
    if (chunk.readInt32BE(4) === sslRequest) return void socket.write('N')
    begun = true
    socket.write(Buffer.from('R\0\0\0\x08\0\0\0\0K\0\0\0\x0c\0\0\0\x01\0\0\0\x01Z\0\0\0\x05I', 'latin1'))
  })
  socket.on('error', () => {})
  socket.on('close', () => release())
}

/** Cuts a stream into messages: a type, four bytes of length, the rest. */
function messages(onMessage: (type: string, message: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 5 && rest.length > rest.readInt32BE(1)) {
      const end = rest.readInt32BE(1) + 1
      onMessage(String.fromCharCode(rest[0] ?? 0), rest.subarray(0, end))
      rest = rest.subarray(end)
    }
  }
}
