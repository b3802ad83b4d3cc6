/** The Frappe method of docs/erpnext-sso.md, run by Python as it is printed there, with a Frappe of a few lines. */
import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { packageRoot } from '../../src/kernel/package-root.js'
import { buildServer } from '../../src/http/server.js'
import { ssoRoutes } from '../../src/http/sso-routes.js'
import { sharedContext, throwAwayFolder } from '../support/server.js'
import { disableUser, issued, ssoScene, type SsoScene } from '../support/sso.js'
import type { OpenedContext } from '../../src/context.js'

const run = promisify(execFile)

/** As much of Frappe as the method uses; it tells what was done to it. */
const frappe = `
import json, os
from types import SimpleNamespace as N

class _Dict(dict):
    __getattr__ = dict.get
    __setattr__ = dict.__setitem__

done = []
users = json.loads(os.environ["USERS"])
conf = _Dict(json.loads(os.environ["CONF"]))
session = N(user="Guest")

def whitelist(**_): return lambda method: method
def log_error(title, message): done.append(["log", message])
def respond_as_web_page(title, message, http_status_code, indicator_color): done.append(["page", http_status_code, message])

def _login(user):
    done.append(["login", user])
    session.user = user
local = N(
    login_manager=N(login_as=_login, logout=lambda: done.append(["logout"])),
    session=N(data=_Dict()), session_obj=N(update=lambda force: done.append(["saved", force])), response={},
)
db = N(get_value=lambda doctype, name, field: users.get(name), commit=lambda: done.append(["commit"]))

def get_doc(fields):
    def insert(ignore_permissions): done.append(["insert", fields["email"], [r["role"] for r in fields["roles"]]])
    return N(name=fields["email"], insert=insert)
`

/** requests, from what every Python has. */
const requests = `
import json, urllib.request, urllib.error
class RequestException(Exception): pass
class Answer:
    def __init__(self, status, body): self.status_code, self.body = status, body
    def json(self): return json.loads(self.body)
def post(url, json=None, headers={}, timeout=None, allow_redirects=None):
    assert timeout and allow_redirects is False
    import json as j
    request = urllib.request.Request(url, j.dumps(json).encode(), {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer: return Answer(answer.status, answer.read())
    except urllib.error.HTTPError as error: return Answer(error.code, error.read())
    except OSError as error: raise RequestException(str(error) + str(headers))
`

const driver = `
import json, sys, frappe, api
api.login(sys.stdin.read())
print(json.dumps({"done": frappe.done, "response": frappe.local.response, "data": frappe.local.session.data}))
`

interface Told {
  done: unknown[][]
  response: Record<string, string>
  data: Record<string, unknown>
}

describe('the sample for Frappe', () => {
  let ctx: OpenedContext
  let acme: SsoScene
  let app: Awaited<ReturnType<typeof buildServer>>
  let url = ''
  const folder = throwAwayFolder()

  before(async function () {
    const found = await run('python3', ['--version']).catch(() => null)
    if (!found) {
      process.stderr.write('      without python3 the sample for Frappe is not tried\n')
      return this.skip()
    }
    ctx = await sharedContext()
    acme = await ssoScene(ctx, 'frappe')
    app = await buildServer(ctx, { routes: [ssoRoutes], logger: false, trustProxy: false })
    url = await app.listen({ port: 0, host: '127.0.0.1' })
    const text = readFileSync(path.join(packageRoot(), 'docs', 'erpnext-sso.md'), 'utf8')
    const sample = /```python\n([^]*?)```/.exec(text)?.[1] ?? ''
    mkdirSync(folder, { recursive: true })
    for (const [name, content] of Object.entries({ frappe, requests, driver, api: sample }))
      writeFileSync(path.join(folder, `${name}.py`), content)
  })
  after(async () => app?.close())

  async function login(token: string, given: { users?: object; conf?: object } = {}): Promise<Told> {
    const conf = {
      erpmax_url: url,
      erpmax_tenant: acme.tenant.subdomain,
      erpmax_site_key: acme.key,
      ...given.conf,
    }
    const env = { ...process.env, USERS: JSON.stringify(given.users ?? {}), CONF: JSON.stringify(conf) }
    const running = run('python3', ['driver.py'], {
      cwd: folder,
      env: { ...env, PYTHONDONTWRITEBYTECODE: '1' },
      timeout: 30_000,
    })
    running.child.stdin?.end(token)
    const { stdout, stderr } = await running
    expect(stdout + stderr).not.to.include(acme.key)
    if (token !== '') expect(stdout + stderr).not.to.include(token)
    return JSON.parse(stdout) as Told
  }

  it('makes the account, signs in, marks the operator and leads to the path', async () => {
    const told = await login(await issued(ctx, acme, '/app/crm'))
    const { email } = acme.user
    expect(told.done).to.deep.equal([
      ['insert', email, ['Employee']],
      ['login', email],
      ['saved', true],
      ['commit'],
    ])
    expect(told.response).to.deep.equal({ type: 'redirect', location: '/app/crm' })
    expect(told.data).to.deep.equal({
      erpmax_operator: { name: ctx.actor.operator, reason: 'a test' },
      erpmax_modules: ['system_admin', 'finance', 'crm'],
    })
  })

  it('takes the account that is there, and lets a disabled one out', async () => {
    const { email } = acme.user
    const known = await login(await issued(ctx, acme), { users: { [email]: 1 } })
    expect(known.done.map(([what]) => what)).to.deep.equal(['login', 'saved', 'commit'])
    const disabled = await login(await issued(ctx, acme), { users: { [email]: 0 } })
    expect(disabled.done.map(([what, status]) => [what, status])).to.deep.equal([['page', 403]])
  })

  it('tells the person what is wrong, and signs nobody in', async () => {
    const used = await issued(ctx, acme)
    await login(used)
    const waiting = await issued(ctx, acme)
    const answers = [
      await login(used),
      await login('never-was'),
      await login(''),
      await login(waiting, { conf: { erpmax_site_key: 'erpsite_other' } }),
      await login(waiting, { conf: { erpmax_url: 'http://127.0.0.1:1' } }),
      await login(waiting, { conf: { erpmax_tenant: 'globex' } }),
    ]
    const shown = answers.map(({ done }) => done.map(([what, detail]) => [what, detail]))
    expect(shown).to.deep.equal([
      [['page', 403]],
      [['page', 403]],
      [['page', 403]],
      [
        ['log', '401 sso.key_unknown'],
        ['page', 503],
      ],
      [
        ['log', 'no answer: RequestException'],
        ['page', 503],
      ],
      [
        ['log', 'this key is of a site of another tenant'],
        ['page', 503],
      ],
    ])
    const token = await issued(ctx, acme)
    await disableUser(ctx, acme)
    expect((await login(token)).done.map(([what]) => what)).to.deep.equal(['page'])
  })
})
