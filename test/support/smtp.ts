/** A real SMTP server for tests, which takes, refuses, drops or keeps silent as it is told. */
import { once } from 'node:events'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import type { AddressInfo, Socket } from 'node:net'

export interface Received {
  from: string
  to: string[]
  raw: Buffer
}

/** What happens to a message: a status, or no answer. `drop`: the connection is cut. */
export type Fate = number | 'accept' | 'drop' | 'silence'

export interface SmtpRules {
  /** By sender. */
  mail?(address: string): Fate
  /** By recipient. */
  rcpt?(address: string): Fate
  /** When the server has had so much of the message; the answer to the whole of it where `after` is. */
  during?(to: string): 'drop' | null
  after?(to: string): Fate
  user?: { name: string; password: string }
}

export class TestSmtp {
  readonly received: Received[] = []
  rules: SmtpRules = {}
  #sockets = new Map<number, Socket>()

  private constructor(
    private readonly server: SMTPServer,
    readonly port: number,
  ) {}

  static async start(rules: SmtpRules = {}, options: SMTPServerOptions = {}): Promise<TestSmtp> {
    const server = new SMTPServer({
      disabledCommands: [...(rules.user ? [] : ['AUTH']), 'STARTTLS'],
      allowInsecureAuth: true,
      disableReverseLookup: true,
      logger: false,
      ...options,
      onAuth: (auth, _session, done) => {
        const { name, password } = own.rules.user ?? {}
        if (auth.username === name && auth.password === password) done(null, { user: name })
        // As careless servers do.
        else done(answer(535, `Authentication failed with ${auth.password}`))
      },
      onMailFrom: (address, session, done) =>
        own.#meet(own.rules.mail?.(address.address) ?? 'accept', session.remotePort, done),
      onRcptTo: (address, session, done) =>
        own.#meet(own.rules.rcpt?.(address.address) ?? 'accept', session.remotePort, done),
      onData: (stream, session, done) => {
        const to = session.envelope.rcptTo.map(({ address }) => address)
        const [first = ''] = to
        const chunks: Buffer[] = []
        stream.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          if (own.rules.during?.(first) === 'drop') own.#drop(session.remotePort)
        })
        stream.on('error', () => {})
        stream.on('end', () => {
          const fate = own.rules.after?.(first) ?? 'accept'
          const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : ''
          if (typeof fate !== 'number') own.received.push({ from, to, raw: Buffer.concat(chunks) })
          own.#meet(fate, session.remotePort, done)
        })
      },
    })
    server.on('error', () => {})
    server.server.on('connection', (socket: Socket) => {
      const { remotePort = 0 } = socket
      own.#sockets.set(remotePort, socket)
      socket.on('close', () => own.#sockets.delete(remotePort))
    })
    server.listen(0, '127.0.0.1')
    await once(server.server, 'listening')
    const own: TestSmtp = new TestSmtp(server, (server.server.address() as AddressInfo).port)
    own.rules = rules
    return own
  }

  /** @param credentials `user:password@`, in the form of a URL */
  url(query = '', credentials = ''): string {
    return `smtp://${credentials}127.0.0.1:${this.port}${query}`
  }

  /** Each recipient as often as a message came to it. */
  get recipients(): string[] {
    return this.received.flatMap(({ to }) => to).sort()
  }

  get connections(): number {
    return this.#sockets.size
  }

  parsed(): Promise<Email[]> {
    return Promise.all(this.received.map(({ raw }) => PostalMime.parse(raw)))
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.values()) socket.destroy()
    await new Promise<void>((resolve) => this.server.close(() => resolve()))
  }

  #meet(fate: Fate, remotePort: number, done: (error?: Error | null) => void): void {
    if (fate === 'accept') done()
    else if (fate === 'drop') this.#drop(remotePort)
    else if (fate !== 'silence') done(answer(fate, `no, says the test with ${fate}`))
  }

  #drop(remotePort: number): void {
    this.#sockets.get(remotePort)?.destroy()
  }
}

function answer(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}
