/** What `SMTP_URL` may say, and that nothing of a wrong one is repeated. */
import { expect } from 'chai'
import { parseSmtpUrl } from '../../src/gateways/smtp-url.js'
import { ErpmaxError } from '../../src/kernel/errors.js'
import { Secret } from '../../src/kernel/secret.js'

const parse = (url: string) => parseSmtpUrl(new Secret(url))

describe('SMTP_URL', () => {
  it('has the ports of its schemes', () => {
    expect(parse('smtp://mx.test').options).to.include({ host: 'mx.test', port: 587, secure: false })
    expect(parse('smtps://mx.test').options).to.include({ port: 465, secure: true })
    expect(parse('smtp://[::1]:2525').options).to.include({ host: '::1', port: 2525 })
  })

  it('decodes user and password', () => {
    expect(parse('smtp://me%40x.test:p%2Fa%25ss%3A@mx.test').user).to.deep.equal({
      name: 'me@x.test',
      password: 'p/a%ss:',
    })
    expect(parse('smtp://mx.test').user).to.equal(null)
  })

  it('a password leaves this machine under TLS only, unless it is told otherwise', () => {
    const requires = (url: string): boolean | undefined => parse(url).options.requireTLS
    expect(requires('smtp://u:p@mx.test')).to.equal(true)
    expect(requires('smtp://u:p@mx.test?requireTLS=false')).to.equal(false)
    expect(requires('smtp://u:p@127.0.0.1:1025')).to.equal(false)
    expect(requires('smtp://mx.test')).to.equal(false)
    expect(requires('smtp://mx.test?requireTLS=true')).to.equal(true)
  })

  it('takes limits and the settings of TLS, and leaves out what has no meaning here', () => {
    const { options } = parse(
      'smtp://mx.test?socketTimeout=900&tls.rejectUnauthorized=false&tls.servername=b.test&pool=true',
    )
    expect(options.socketTimeout).to.equal(900)
    expect(options.connectionTimeout).to.equal(15_000)
    expect(options.tls).to.deep.equal({ rejectUnauthorized: false, servername: 'b.test' })
  })

  for (const url of [
    ...[
      'http://u:geheim@mx.test',
      'smtp://',
      'smtp://u:ge#heim@mx.test',
      'mx.test:25',
      'smtp://mx.test:99999',
    ],
    ...['smtp://u:geheim@mx.test?socketTimeout=soon', 'smtp://u:geheim@mx.test?requireTls=true'],
    'smtp://u:geheim@mx.test?tls.rejectUnauthorized=no',
  ]) {
    it(`refuses ${url}, without the password`, () => {
      let thrown: unknown
      try {
        parse(url)
      } catch (error) {
        thrown = error
      }
      expect(thrown).to.be.instanceOf(ErpmaxError)
      const { code, message, hint } = thrown as ErpmaxError
      expect(code).to.equal('config.invalid')
      expect(`${message} ${hint}`).not.to.match(/geheim|heim/)
    })
  }
})
