/** The URL that a tenant's ERP is given: where we connect, as somebody else. */
import { expect } from 'chai'
import pgConnectionString from 'pg-connection-string'
import { addressOf, urlFor } from '../../src/database/address.js'
import { resolveConfig } from '../../src/kernel/config.js'

const config = (values: Record<string, string>) => resolveConfig([{ origin: 'test', values }], () => '')

/** What the driver makes of the URL. */
function reached(values: Record<string, string>, password: string | null = 'p@ss/word'): object {
  const {
    host,
    port,
    database,
    user,
    password: secret,
  } = pgConnectionString.parse(urlFor(addressOf(config(values)), 'shop', 'tenant_acme', password))
  return { host, port, database, user, secret }
}

const acme = { database: 'shop', user: 'tenant_acme', secret: 'p@ss/word' }

describe('the address of the database', () => {
  it('is that of DATABASE_URL, without its user and password', () => {
    const url = 'postgresql://boss:secret@db.example.com:6432/shop?sslmode=verify-full&application_name=x'
    expect(reached({ DATABASE_URL: url })).to.deep.equal({ host: 'db.example.com', port: '6432', ...acme })
    const made = urlFor(addressOf(config({ DATABASE_URL: url })), 'shop', 'tenant_acme', 'x')
    expect(made).to.equal('postgresql://tenant_acme:x@db.example.com:6432/shop?sslmode=verify-full')
  })

  it('may be a socket, on a port of its own', () => {
    const socket = { DATABASE_URL: 'postgresql://boss:secret@/shop?host=%2Frun%2Fpg' }
    expect(reached(socket)).to.deep.include({ host: '/run/pg', ...acme })
    const parts = { PGHOST: '/run/pg', PGPORT: '5433' }
    expect(reached(parts)).to.deep.equal({ host: '/run/pg', port: '5433', ...acme })
  })

  it('may come in parts, or be an IPv6 address', () => {
    expect(reached({ PGHOST: 'db', PGSSLMODE: 'verify-full' })).to.deep.include({ host: 'db', ...acme })
    const six = addressOf(config({ DATABASE_URL: 'postgresql://boss:secret@[::1]:5432/shop' }))
    expect(urlFor(six, 'shop', 'a', 'b')).to.equal('postgresql://a:b@[::1]/shop')
  })

  it('is the socket of the embedded server where nothing is set', () => {
    expect(addressOf(config({ ERPMAX_HOME: '/srv/e' }))).to.deep.equal({
      host: '/srv/e/pg18/run',
      port: 5432,
      sslMode: null,
    })
  })

  it('has no password where none is known', () => {
    expect(reached({ PGHOST: 'db' }, null)).to.deep.include({ user: 'tenant_acme', host: 'db' })
    expect(urlFor({ host: 'db', port: 5432, sslMode: null }, 'shop', 'a', null)).to.equal(
      'postgresql://a@db/shop',
    )
  })
})
