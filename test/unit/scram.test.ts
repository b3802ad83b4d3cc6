/** The verifier against the exchange that RFC 7677 prints: user "user", password "pencil". */
import { createHash, createHmac } from 'node:crypto'
import { expect } from 'chai'
import { scramVerifier } from '../../src/database/scram.js'
import { Secret } from '../../src/kernel/secret.js'

const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
const nonce = 'rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0'
const authMessage = [
  'n=user,r=rOprNGfwEbeRWgbNEkqO',
  `r=${nonce},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`,
  `c=biws,r=${nonce}`,
].join(',')
const clientProof = Buffer.from('dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=', 'base64')
const serverSignature = '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='

describe('the SCRAM verifier', () => {
  it('is in the form that Postgres stores', async () => {
    expect(await scramVerifier(new Secret('pencil'), salt)).to.match(
      /^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$[A-Za-z0-9+/]{43}=:[A-Za-z0-9+/]{43}=$/,
    )
  })

  it('accepts the proof of the RFC and gives its server signature', async () => {
    const [, , keys = ''] = (await scramVerifier(new Secret('pencil'), salt)).split('$')
    const [storedKey, serverKey] = keys.split(':').map((key) => Buffer.from(key, 'base64'))
    if (!storedKey || !serverKey) throw new Error('two keys')
    const signed = (key: Buffer): Buffer => createHmac('sha256', key).update(authMessage).digest()
    const clientKey = signed(storedKey).map((byte, index) => byte ^ (clientProof[index] ?? 0))
    expect(createHash('sha256').update(clientKey).digest()).to.deep.equal(storedKey)
    expect(signed(serverKey).toString('base64')).to.equal(serverSignature)
  })

  it('differs by password and by salt', async () => {
    const one = await scramVerifier(new Secret('pencil'), salt, 4096)
    expect(await scramVerifier(new Secret('pencim'), salt, 4096)).not.to.equal(one)
    expect(await scramVerifier(new Secret('pencil'), Buffer.alloc(16), 4096)).not.to.equal(one)
  })
})
