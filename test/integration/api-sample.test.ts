/** The code in docs/api.md that verifies access tokens, run as it stands there against the keys of a real listener. */
import { createHmac, createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import jwt from 'jsonwebtoken'
import { packageRoot } from '../../src/kernel/package-root.js'
import { rotateKey } from '../../src/people/keys/rotate-key.js'
import { currentKey } from '../../src/people/keys/signing-keys.js'
import { wholeFront, type WholeFront } from '../support/front.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../support/server.js'
import { person, signIn } from '../support/sign-in.js'
import { subscribedTenant, type SubscribedTenant } from '../support/tenants.js'
import type { OpenedContext } from '../../src/context.js'

type ClaimsOf = (token: string, tenantId: string, jwks: string) => Promise<{ sub: string } | null>

describe('verifying access tokens as the guide says', () => {
  const home = throwAwayFolder()
  let ctx: OpenedContext
  let front: WholeFront
  let acme: SubscribedTenant
  let jwks = ''

  before(async () => {
    ctx = await openThrowAway(home, { ERPMAX_BCRYPT_COST: '4' })
    acme = await subscribedTenant(ctx, 'acme')
    await person(ctx, 'asha@acme.test', [{ tenant: acme.id }])
    front = await wholeFront(ctx)
    jwks = `${await front.app.listen({ port: 0, host: '127.0.0.1' })}/.well-known/jwks.json`
  })
  after(async () => {
    await front?.app.close()
    await ctx?.close()
    await removeServer(home)
  })

  /** Anew each time: it remembers keys. */
  async function sample(): Promise<ClaimsOf> {
    const guide = readFileSync(path.join(packageRoot(), 'docs', 'api.md'), 'utf8')
    const code = /^```js\n(.*?)^```/ms.exec(guide)?.[1] ?? ''
    const module = `data:text/javascript,${encodeURIComponent(`${code}\n//${performance.now()}`)}`
    return ((await import(module)) as { claimsOf: ClaimsOf }).claimsOf
  }

  it('takes ours, before and after a rotation, and nothing that was made otherwise', async () => {
    const claimsOf = await sample()
    const { access_token: token, user } = await signIn(ctx, 'asha@acme.test')
    expect((await claimsOf(token, acme.id, jwks))?.sub).to.equal(user.id)
    const { kid, key } = await currentKey(ctx)
    const payload = jwt.decode(token) as jwt.JwtPayload
    const signed = (change: object, secret: jwt.Secret = key, algorithm: jwt.Algorithm = 'ES256'): string =>
      jwt.sign({ ...payload, ...change }, secret, { algorithm, keyid: kid })
    const pem = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
    const [head = '', body = '', signature = ''] = token.split('.')
    const none = Buffer.from(JSON.stringify({ alg: 'none', kid })).toString('base64url')
    const hs256 = Buffer.from(JSON.stringify({ alg: 'HS256', kid })).toString('base64url')
    expect(await claimsOf(signed({}), acme.id, jwks), 'the forger makes tokens that count').not.to.equal(null)
    for (const [what, wrong] of Object.entries({
      none: `${none}.${body}.`,
      hs256: `${hs256}.${body}.${createHmac('sha256', pem).update(`${hs256}.${body}`).digest('base64url')}`,
      expired: signed({ exp: Math.floor(Date.now() / 1000) - 1 }),
      issuer: signed({ iss: 'somebody' }),
      audience: signed({ aud: 'somebody' }),
      tenant: signed({ tenant_id: '00000000-0000-4000-8000-000000000000' }),
      changed: `${head}.${Buffer.from(JSON.stringify({ ...payload, role: 'owner' })).toString('base64url')}.${signature}`,
      kid: jwt.sign(payload, key, { algorithm: 'ES256', keyid: '../jwt' }),
      text: 'nothing',
    }))
      expect(await claimsOf(wrong, acme.id, jwks), what).to.equal(null)
    await rotateKey(ctx)
    const { access_token: next } = await signIn(ctx, 'asha@acme.test')
    const later = await sample()
    expect((await later(next, acme.id, jwks))?.sub).to.equal(user.id)
    expect((await later(token, acme.id, jwks))?.sub).to.equal(user.id)
  })
})
