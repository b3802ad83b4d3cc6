/** Where a token may lead: a path that stays on its site whoever reads it, and a site that is written in one way. */
import { expect } from 'chai'
import fc from 'fast-check'
import { redirectPath } from '../../src/people/sso/redirect.js'
import { siteOrigin } from '../../src/people/sso/site-origin.js'
import { thrown } from '../support/errors.js'
import type { ErpmaxError } from '../../src/kernel/errors.js'

const site = 'https://erp.acme.test'

function taken(text: string): string | null {
  try {
    return redirectPath(text)
  } catch {
    return null
  }
}

describe('a redirect', () => {
  for (const [given, path] of [
    ['/', '/'],
    ['/app', '/app'],
    [
      '/app/sales-invoice?status=Paid&from=2026-01-01#top',
      '/app/sales-invoice?status=Paid&from=2026-01-01#top',
    ],
    ['/app/item/A%2FB', '/app/item/A%2FB'],
    ['/app/Über uns', '/app/%C3%9Cber%20uns'],
    ['/app/customer/क्‍ष', '/app/customer/%E0%A4%95%E0%A5%8D%E2%80%8D%E0%A4%B7'],
    ['/app/100%25', '/app/100%25'],
    ['/app?next=https://elsewhere.test//x', '/app?next=https://elsewhere.test//x'],
    ['/app/user@host', '/app/user@host'],
    ['/:80/x', '/:80/x'],
  ] as const)
    it(`${given} is a path`, () => expect(redirectPath(given)).to.equal(path))

  for (const attack of [
    ...[
      'https://evil.test',
      'http:evil.test',
      '//evil.test',
      '///evil.test',
      '/\\evil.test',
      '\\\\evil.test',
    ],
    ...['\\/evil.test', '/\t/evil.test', '/\n/evil.test', '/\r\n/evil.test', ' //evil.test', '\t//evil.test'],
    ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)', '\u0001javascript:alert(1)', 'data:text/html,x', ''],
    ...['app', '.', './app', '../app', '?x', '#x', '@evil.test', '.evil.test', ':80'],
    ...[
      '/%2fevil.test',
      '/%2Fevil.test',
      '/%5cevil.test',
      '/%252fevil.test',
      '/%25252fevil.test',
      '/%255cevil.test',
    ],
    ...[
      '/.//evil.test',
      '/..//evil.test',
      '/app/..//evil.test',
      '/%2e%2e//evil.test',
      '/%2e%2f/evil.test',
      '/./%2fevil.test',
    ],
    ...['/app/../..', '/app/%2e%2e/x', '/app/%252e%252e/x', '/app/./x'],
    ...[
      '/app\r\nSet-Cookie: a=b',
      '/app%0d%0aSet-Cookie:%20a=b',
      '/app%250d%250aX',
      '/app?x=%0d%0aX:1',
      '/app#%0a',
    ],
    ...[
      '/app%00',
      '/app\u0000',
      '/app\u007f',
      '/app\u0085',
      '/app%c2%85',
      '/app\u2028',
      '/\u202eevil',
      '/%E2%80%AEevil',
    ],
    ...['/app%', '/app%zz', '/app%c0%af', '/%c0%afevil.test', '/%c1%9cevil.test', '/%ff'],
    ...['/app?x=a\\b', `/${'a'.repeat(2000)}`, '/%2525252525252fevil'],
  ])
    it(`${JSON.stringify(attack.slice(0, 40))} is refused`, () => {
      const error = thrown(() => redirectPath(attack)) as ErpmaxError
      expect(error.code).to.equal('sso.redirect_invalid')
      expect(error.kind).to.equal('usage')
    })

  /** Pieces that attacks are made of, in any order. */
  const piece = fc.constantFrom(
    ...[
      '/',
      '//',
      '\\',
      '%2f',
      '%2F',
      '%5c',
      '%252f',
      '%255C',
      '%2525',
      '.',
      '..',
      '%2e',
      '%00',
      '%0d%0a',
      '%09',
    ],
    ...[
      '\t',
      '\n',
      '\r',
      '\u0000',
      '\u00a0',
      '\u2028',
      '\u3000',
      '\ufeff',
      '\uff0f',
      '\ud800',
      '%',
      '%c0%af',
      '@',
      ':',
    ],
    ...[
      'evil.test',
      'https:',
      'javascript:',
      'data:',
      '?',
      '#',
      ';',
      'app',
      'é',
      '😀',
      '[',
      ']',
      '[::1]',
      '&',
      '=',
      ' ',
    ],
  )
  const attack = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
    fc.array(piece, { maxLength: 12 }).map((pieces) => `/${pieces.join('')}`),
    fc.string({ unit: 'binary', maxLength: 30 }).map((text) => `/${text}`),
    fc.webUrl({ withQueryParameters: true, withFragments: true }),
  )

  it('stays on the site, read as it is or decoded, once or often, on any base', () => {
    let accepted = 0
    fc.assert(
      fc.property(
        attack,
        fc.constantFrom(site, 'http://localhost:8000', 'https://other.test'),
        (text, base) => {
          const path = taken(text)
          if (path === null) return
          accepted += 1
          let read = path
          for (let round = 0; round < 4; round += 1) {
            const url = new URL(read, base)
            expect(url.origin, `${text} as ${read}`).to.equal(new URL(base).origin)
            expect(url.username + url.password).to.equal('')
            try {
              read = decodeURIComponent(read)
            } catch {
              break
            }
          }
          // As a header, and concatenated to the site.
          expect(path).to.match(/^\/[\x21-\x7e]*$/)
          expect(new URL(base + path).origin).to.equal(new URL(base).origin)
          // As it is written it is resolved no further, and it is what the database takes.
          expect(new URL(path, base).href).to.equal(new URL(base).origin + path)
          expect(redirectPath(path)).to.equal(path)
          expect(path).to.match(/^\/([^/\\\s][^\\\s]*)?$/)
        },
      ),
      { numRuns: 5000 },
    )
    expect(accepted).to.be.greaterThan(300)
  })
})

describe('a site', () => {
  for (const [given, origin] of [
    ['https://erp.acme.test', 'https://erp.acme.test'],
    ['HTTPS://ERP.Acme.Test/', 'https://erp.acme.test'],
    ['https://erp.acme.test:443', 'https://erp.acme.test'],
    ['https://erp.acme.test:8443/', 'https://erp.acme.test:8443'],
    ['https://erp.acme.test.', 'https://erp.acme.test'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://BÜCHER.example', 'https://xn--bcher-kva.example'],
    ['https://xn--bcher-kva.example', 'https://xn--bcher-kva.example'],
    ['https://erp。acme.test', 'https://erp.acme.test'],
    ['https://[2001:DB8::1]:8443', 'https://[2001:db8::1]:8443'],
    ['http://localhost:8000', 'http://localhost:8000'],
    ['http://127.0.0.1', 'http://127.0.0.1'],
    ['http://127.1', 'http://127.0.0.1'],
    ['http://[::1]:80', 'http://[::1]'],
    ['http://erp.localhost:8000', 'http://erp.localhost:8000'],
  ] as const)
    it(`${given} is written ${origin}`, () => expect(siteOrigin(given, false)).to.equal(origin))

  for (const wrong of [
    ...[
      '',
      'erp.acme.test',
      '//erp.acme.test',
      'ftp://erp.acme.test',
      'javascript:alert(1)',
      'https:',
      'https://',
    ],
    ...['https:erp.acme.test', 'https:/erp.acme.test', 'https:///erp.acme.test', 'https:\\\\erp.acme.test'],
    ...[
      'https://ann@erp.acme.test',
      'https://ann:pw@erp.acme.test',
      'https://@erp.acme.test',
      'https://:@erp.acme.test',
    ],
    ...[
      'https://erp.acme.test/app',
      'https://erp.acme.test?x',
      'https://erp.acme.test#',
      'https://erp.acme.test/?',
    ],
    ...[
      'https://erp.acme.test\\evil',
      'https://erp\t.acme.test',
      'https://erp.acme.test\n',
      'https://erp .test',
    ],
    ...[
      'https://erp.acme.test:99999',
      'https://erp..test',
      'https://%65vil.test:x',
      `https://${'a'.repeat(300)}.test`,
    ],
    ...[
      'http://erp.acme.test',
      'http://localhost.evil.test',
      'http://127.0.0.1.evil.test',
      'http://10.0.0.1',
    ],
    ...[
      "https://erp'--.test",
      'https://erp.test;drop',
      'https://e\u200brp.test',
      'https://*.test',
      'https://a,b.test',
    ],
  ])
    it(`${JSON.stringify(wrong.slice(0, 40))} is refused`, () => {
      // A line break at the end comes from a pipe, and is none of the address.
      if (wrong.endsWith('\n')) expect(siteOrigin(wrong, false)).to.equal('https://erp.acme.test')
      else expect((thrown(() => siteOrigin(wrong, false)) as ErpmaxError).code).to.equal('sso.site_invalid')
    })

  it('is https in production, on this machine too', () => {
    for (const local of ['http://localhost:8000', 'http://127.0.0.1', 'http://[::1]'])
      expect((thrown(() => siteOrigin(local, true)) as ErpmaxError).code).to.equal('sso.site_invalid')
    expect(siteOrigin('https://localhost:8000', true)).to.equal('https://localhost:8000')
  })

  it('is its own origin, and written the same way twice', () => {
    fc.assert(
      fc.property(fc.webUrl(), fc.boolean(), (url, production) => {
        const { protocol, host } = new URL(url)
        const address = `${protocol}//${host}`
        let origin: string
        try {
          origin = siteOrigin(address, production)
        } catch {
          return
        }
        expect(new URL(origin).origin).to.equal(origin)
        expect(siteOrigin(origin, production)).to.equal(origin)
        expect(origin).to.match(/^https?:\/\/[a-z0-9.:_[\]-]+$/)
      }),
      { numRuns: 500 },
    )
  })
})
