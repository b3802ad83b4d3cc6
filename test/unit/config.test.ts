/** Where settings come from, which origin wins, and that no secret is shown. */
import { expect } from 'chai'
import { inspect } from 'node:util'
import { resolveConfig, settings, type Source } from '../../src/kernel/config.js'
import { thrown } from '../support/errors.js'

const files: Record<string, string> = { '/run/secrets/database': 'postgres://a:from-a-file@h/d\n' }

const resolve = (...sources: Record<string, string>[]) =>
  resolveConfig(
    sources.map((values, index): Source => ({ origin: `source ${index + 1}`, values })),
    (file) => files[file] ?? '',
  )

describe('settings', () => {
  it('come from the first source that has them', () => {
    const config = resolve({ PGHOST: 'first' }, { PGHOST: 'second', PGUSER: 'second' }, { PGUSER: 'third' })
    expect([config.text('PGHOST'), config.origin('PGHOST')]).to.deep.equal(['first', 'source 1'])
    expect([config.text('PGUSER'), config.origin('PGUSER')]).to.deep.equal(['second', 'source 2'])
  })

  it('that are empty are unset', () => {
    const config = resolve({ PGHOST: '' }, { PGHOST: 'second' })
    expect([config.text('PGHOST'), config.origin('PGHOST')]).to.deep.equal(['second', 'source 2'])
  })

  it('have defaults, or are unset', () => {
    const config = resolve()
    expect([config.text('ERPMAX_ENV'), config.origin('ERPMAX_ENV')]).to.deep.equal(['development', 'default'])
    expect([config.text('PGHOST'), config.origin('PGHOST')]).to.deep.equal([null, 'unset'])
    expect(config.environment).to.equal('development')
  })

  it('that are secret come from the file that <name>_FILE names, without its line break', () => {
    const config = resolve({ DATABASE_URL_FILE: '/run/secrets/database' })
    expect(config.secret('DATABASE_URL')?.reveal()).to.equal('postgres://a:from-a-file@h/d')
    expect(config.origin('DATABASE_URL')).to.equal('source 1 (DATABASE_URL_FILE)')
  })

  it('that are not secret are never read from a file', () => {
    expect(resolve({ PGHOST_FILE: '/run/secrets/database' }).text('PGHOST')).to.equal(null)
  })

  it('that are secret are not given out as text', () => {
    const config = resolve({ PGPASSWORD: 'hunter2' })
    expect(() => config.text('PGPASSWORD')).to.throw(TypeError)
    expect(config.secret('PGPASSWORD')?.reveal()).to.equal('hunter2')
  })
})

describe('settings as they are shown', () => {
  const config = resolve({
    DATABASE_URL: 'postgresql://erp:hunter2@db.example.com:5432/erp?sslmode=require',
    PGPASSWORD: 'hunter2',
    PGHOST: 'localhost',
  })
  const shown = new Map(config.describe().map((one) => [one.name, one]))

  it('are all of them, in their order', () => {
    expect([...shown.keys()]).to.deep.equal(settings.map(({ name }) => name))
  })

  it('hide secrets, and of a URL the password alone', () => {
    expect(shown.get('PGPASSWORD')).to.deep.include({ value: '[redacted]', secret: true, origin: 'source 1' })
    expect(shown.get('DATABASE_URL')?.value).to.equal(
      'postgresql://erp:[redacted]@db.example.com:5432/erp?sslmode=require',
    )
    expect(shown.get('PGHOST')).to.deep.include({ value: 'localhost', secret: false })
    expect(shown.get('PGUSER')).to.deep.include({ value: null, origin: 'unset' })
  })

  it('hold the secret nowhere, however they are printed', () => {
    for (const text of [
      JSON.stringify(config.describe()),
      JSON.stringify(config),
      inspect(config, { depth: 9 }),
      inspect(config.secret('PGPASSWORD'), { showHidden: true }),
    ]) {
      expect(text).not.to.include('hunter2')
    }
  })
})

describe('the environment', () => {
  it('is one of three', () => {
    for (const name of ['development', 'test', 'production']) {
      expect(resolve({ ERPMAX_ENV: name }).environment).to.equal(name)
    }
    expect(thrown(() => resolve({ ERPMAX_ENV: 'prod' }))).to.deep.include({
      kind: 'usage',
      code: 'config.invalid',
    })
  })

  for (const [name, value] of [
    ['ERPMAX_NOW', '2026-01-01T00:00:00Z'],
    ['ERPMAX_FAILPOINT', 'create.after_schema:kill'],
  ] as const) {
    it(`production refuses ${name}, and test takes it`, () => {
      expect(thrown(() => resolve({ ERPMAX_ENV: 'production', [name]: value }))).to.deep.include({
        kind: 'usage',
        code: 'config.not_in_production',
      })
      expect(resolve({ ERPMAX_ENV: 'test', [name]: value }).text(name)).to.equal(value)
    })
  }
})
