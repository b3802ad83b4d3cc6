/** What a person sees and answers in `tenant create`: the built program in a terminal of its own. */
import { expect } from 'chai'
import { oneRow, rows, sql } from '../../src/database/sql.js'
import type { OpenedContext } from '../../src/context.js'
import { Screen, tmuxIsThere } from '../support/screen.js'
import { openThrowAway, removeServer, throwAwayFolder } from '../support/server.js'

const gstin = '27AAPFU0939F1ZV'
const password = 'correct horse battery'

describe('tenant create, with a person', function () {
  this.timeout(120_000)
  const home = throwAwayFolder()
  const open: Screen[] = []
  let ctx: OpenedContext

  before(async function () {
    if (!tmuxIsThere()) {
      console.warn('      no tmux on this machine: the dialogue is not tried')
      return this.skip()
    }
    ctx = await openThrowAway(home)
  })
  afterEach(() => open.splice(0).forEach((screen) => screen.close()))
  after(async () => {
    await ctx?.close()
    await removeServer(home)
  })

  function terminal(
    command: string,
    {
      columns = 80,
      rows: lines = 24,
      env = {},
    }: { columns?: number; rows?: number; env?: Record<string, string> } = {},
  ): Screen {
    const settings = { ERPMAX_HOME: home, ERPMAX_ENV: 'test', ERPMAX_PG_IDLE: '0', ...env }
    const screen = new Screen(command, { columns, rows: lines, env: settings })
    open.push(screen)
    return screen
  }

  async function statusOf(subdomain: string): Promise<string | undefined> {
    const found = await rows<{ status: string }>(
      ctx.db,
      sql`select status from public.tenants where subdomain = ${subdomain}`,
    )
    return found[0]?.status
  }

  /** Everything up to the modules, for a company in Maharashtra. */
  async function describeCompany(screen: Screen, name: string, email: string): Promise<void> {
    await screen.answer('Company name', name)
    await screen.answer('Subdomain')
    await screen.answer('Country')
    await screen.answer('GSTIN', gstin)
    await screen.answer("Administrator's e-mail", email)
    await screen.answer("Administrator's name", 'Asha Rao')
    await screen.answer('Password, empty', password)
    await screen.answer('Password again', password)
    await screen.answer('Currency')
    await screen.answer('Billing cycle')
  }

  it('asks, shows prices and a running total, reviews, and creates', async () => {
    const screen = terminal('tenant create')
    await describeCompany(screen, 'Acme Industries', 'asha@acme.test')
    const before = await screen.shows(/^ {2}0\.00 INR a month: 0 modules/m)
    expect(before).to.match(/\[x\] system_admin .* included$/m)
    expect(before).to.match(/Fits Free/)
    screen.press('Down', 'Down', 'Down', 'Space')
    const chosen = await screen.shows(/35,997\.00 INR a month: 2 modules 31,998\.00 \+ Starter fee 3,999\.00/)
    expect(chosen)
      .to.match(/\[x\] field_service /)
      .and.to.match(/\[x\] crm /)
    expect(chosen).to.match(/^ {2}\+ CRM & Call Center/m)
    await screen.answer('Modules')
    expect(await screen.shows(/^\? Tier/m)).to.match(/^❯ Starter .* recommended$/m)
    await screen.answer('Tier')
    await screen.answer('Trial')
    const review = await screen.shows(/^\? Create acme-industries/m)
    expect(review).to.match(/^ {2}GSTIN +27AAPFU0939F1ZV$/m)
    expect(review).to.match(/^ {2}First charge +35,997\.00 INR a month on \d{4}-\d\d-\d\d$/m)
    screen.press('Enter')
    expect(await screen.exitCode()).to.equal(0)
    expect(screen.text()).not.to.contain(password)
    const made = await oneRow<object>(
      ctx.db,
      sql`select t.status, t.gstin, t.state_code as state, s.tier_code as tier, s.cycle, s.currency, s.status as subscription,
                 u.full_name, u.password_hash is not null as has_password
          from public.tenants t join public.subscriptions s on s.tenant_id = t.id
          join public.memberships m on m.tenant_id = t.id join public.users u on u.id = m.user_id
          where t.subdomain = 'acme-industries'`,
    )
    expect(made).to.deep.equal({
      status: 'active',
      gstin,
      state: 'MH',
      tier: 'STARTER',
      cycle: 'monthly',
      currency: 'INR',
      subscription: 'trialing',
      full_name: 'Asha Rao',
      has_password: true,
    })
  })

  it('names the command that continues what was cut off, and it does', async () => {
    const env = { ERPMAX_FAILPOINT: 'create.in_seed:disconnect' }
    const typed = `tenant create cut-off --name "Cut's off" --country US --modules crm --tier STARTER --trial-days 0`
    const screen = terminal(`${typed} --admin-name Ann --currency USD --cycle annual --state CA`, { env })
    await screen.answer('VAT id')
    await screen.answer("Administrator's e-mail", 'ann@cut-off.test')
    await screen.answer('Password')
    await screen.answer('Create cut-off')
    expect(await screen.exitCode()).to.equal(9)
    const [, hint = ''] = /^ {2}Try: erpmax ((?:.*\\\n)*.*)$/m.exec(screen.text()) ?? []
    expect(hint.split('\n').length, screen.text()).to.be.greaterThan(2)
    const again = terminal(hint)
    expect(await again.exitCode(), hint).to.equal(0)
    expect(await statusOf('cut-off')).to.equal('active')
  })

  it('says while one types whether the subdomain is free, and refuses the others at Enter', async () => {
    const screen = terminal('tenant create --name Example')
    await screen.shows(/✔ example is free/)
    screen.type('www')
    await screen.shows(/✖ www is reserved/)
    screen.press('C-u')
    screen.type('Foo')
    await screen.shows(/✖ a subdomain consists of/)
    screen.press('Enter')
    await screen.shows(/^\? Subdomain: Foo$/m)
    screen.press('C-u')
    screen.type('acme-industries')
    await screen.shows(/✖ acme-industries is taken\n {4}free, by Tab: acme-industries-erp/)
    screen.press('Tab')
    await screen.shows(/^\? Subdomain: acme-industries-erp\n.*✔ acme-industries-erp is free/m)
    screen.press('C-c')
    expect(await screen.exitCode()).to.equal(130)
  })

  it('judges a GSTIN as it is typed', async () => {
    const screen = terminal('tenant create judged --name Judged --country IN')
    await screen.shows(/^\? GSTIN/m)
    screen.type('27AAPFU0939')
    await screen.shows(/11 of 15 characters/)
    screen.type('F1ZX')
    await screen.shows(/✖ "27AAPFU0939F1ZX" is not a GSTIN/)
    screen.press('BSpace')
    screen.type('V')
    await screen.shows(/✔ valid, Maharashtra/)
    screen.press('C-c')
    expect(await screen.exitCode()).to.equal(130)
  })

  const complete =
    '--name Globex --country IN --state MH --admin-name Ann --currency INR --cycle annual --modules crm --tier STARTER --trial-days 0'

  it('asks only what was not given, goes back from the review, and takes no for an answer', async () => {
    const screen = terminal(`tenant create globex ${complete} --gstin ${gstin}`)
    await screen.answer("Administrator's e-mail", 'ann@globex.test')
    await screen.answer('Password')
    await screen.answer('Create globex', '<Down>')
    await screen.answer('Change what', ...Array<string>(10).fill('<Down>'))
    await screen.answer('Tier', '<Down>')
    await screen.answer('Trial', '30')
    const review = await screen.shows(/^ {2}Plan +PROFESSIONAL, annual, INR[^]*^\? Create globex/m)
    expect(review).to.match(/^ {2}Owner +Ann <ann@globex\.test>, by invitation link$/m)
    await screen.answer('Create globex', '<Down>', '<Down>')
    expect(await screen.exitCode()).to.equal(8)
    expect(await statusOf('globex')).to.equal(undefined)
  })

  it('refuses a wrong flag before it asks anything', async () => {
    const screen = terminal('tenant create globex --modules logistics')
    expect(await screen.exitCode()).to.equal(6)
    expect(screen.text()).not.to.contain('? ')
  })

  for (const key of ['C-c', 'C-d']) {
    it(`leaves a clean terminal after ${key} in the middle`, async () => {
      const screen = terminal(`tenant create globex ${complete} --gstin ${gstin}`)
      await screen.answer("Administrator's e-mail", 'ann@globex.test')
      await screen.shows(/^\? Password/m)
      screen.press(key)
      expect(await screen.exitCode()).to.equal(130)
      expect(await screen.shows(/-?icanon/))
        .to.match(/(^|\s)icanon/)
        .and.to.match(/(^|\s)echo(\s|;)/)
      expect(screen.cursorShows()).to.equal(true)
    })
  }

  it('asks nothing in CI and names the flag', async () => {
    const screen = terminal('tenant create', { env: { CI: '1' } })
    expect(await screen.exitCode()).to.equal(2)
    expect(screen.text()).to.match(/subdomain/)
  })

  describe('the tree', () => {
    const given = (name: string): string =>
      `tenant create ${name} --name Tree --admin-email ${name}@tree.test`

    for (const [columns, lines] of [
      [80, 24],
      [200, 50],
    ] as const) {
      it(`fits ${columns} columns and ${lines} lines, steps and modules with their counts`, async () => {
        const screen = terminal(`${given(`wide${columns}`)} >/dev/null`, { columns, rows: lines })
        expect(await screen.exitCode()).to.equal(0)
        const text = screen.text()
        expect(text).to.match(/^✔ Build the schema +237 tables, /m)
        expect(text.match(/^ {2}✔ [a-z_]+ +\d+\/\d+ {2}/gm)).to.have.length(10)
        expect(text.match(/^✔ /gm)).to.have.length(5)
        expect(text.slice(0, text.indexOf('exit 0'))).not.to.match(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏·]/)
      })
    }

    it('shows a failed step and what is taken back', async () => {
      const env = { ERPMAX_FAILPOINT: 'create.before_seed:error' }
      const screen = terminal(given('failing'), { env })
      expect(await screen.exitCode()).to.equal(1)
      expect(screen.text())
        .to.match(/^✖ Seed /m)
        .and.to.match(/^← Undo: Build the schema /m)
      expect(await statusOf('failing')).to.equal(undefined)
    })

    it('stops at Ctrl-C in the middle of the schema and leaves a clean terminal', async () => {
      const screen = terminal(given('stopped'))
      await screen.shows(/^. Build the schema +\d+\/237/m)
      screen.press('C-c')
      expect(await screen.exitCode()).to.equal(130)
      expect(screen.text())
        .to.match(/^✖ Build the schema/m)
        .and.to.match(/nothing is left of/)
      expect(screen.cursorShows()).to.equal(true)
      expect(await statusOf('stopped')).to.equal(undefined)
    })

    it('gives the cursor back at a second Ctrl-C', async () => {
      const screen = terminal(given('hanging'), { env: { ERPMAX_FAILPOINT: 'create.during_schema:hang' } })
      await screen.shows(/^. Build the schema +118\/237/m)
      screen.press('C-c')
      await screen.shows(/stopping/)
      screen.press('C-c')
      expect(await screen.exitCode()).to.equal(130)
      expect(screen.cursorShows()).to.equal(true)
    })

    it('does without colour, and without signs beyond ASCII, where the terminal does', async () => {
      const screen = terminal(given('plain'), { env: { NO_COLOR: '1', LANG: '', LC_ALL: 'C' } })
      expect(await screen.exitCode()).to.equal(0)
      expect(screen.raw()).not.to.match(/\u001B\[[0-9;]*m/)
      expect(screen.text())
        .to.match(/^\+ Build the schema/m)
        .and.not.to.match(/[^\x20-\x7E\n]/)
    })

    it('is one line a step in CI', async () => {
      const screen = terminal(given('inci'), { env: { CI: '1' } })
      expect(await screen.exitCode()).to.equal(0)
      expect(screen.text().match(/^done {4}\[\d\/5\] /gm)).to.have.length(5)
    })
  })
})
