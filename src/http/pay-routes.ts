/** `/pay/{token}`: an invoice for whoever has its link, and the way to the page of a provider on which it is paid. */
import { openCheckout } from '../payments/checkout/open-checkout.js'
import { configuredProviders } from '../payments/provider-keys.js'
import { readPayPage, type PayPage } from '../views/pay-page.js'
import { ErpmaxError } from '../kernel/errors.js'
import { errorFields } from './logger.js'
import { pageLanguage } from './pages/language.js'
import { publicPlace } from './pages/public-place.js'
import { perMinute } from './rate-limit.js'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { PayWords } from './pages/pay.js'
import type { Routes } from './server.js'

type TokenRequest = FastifyRequest<{ Params: { token: string }; Querystring: Record<string, string> }>

/** Of one address in a minute: an office may share one, a guesser of tokens gets nowhere with it. */
const most = { pages: 120, checkouts: 20 }

export const payRoutes: Routes = async (app, { ctx }) => {
  const { openPages } = await import('./pages/render.js')
  const { payView } = await import('./pages/pay.js')
  const pages = await openPages<PayWords>('pay', 'providers', ctx.config.environment)
  pages.guard(app)
  const limits = { pages: perMinute(most.pages), checkouts: perMinute(most.checkouts) }
  const { base } = publicPlace(ctx.config)
  const pathOf = ({ token }: { token: string }): string => `${base}/pay/${token}`
  const online = configuredProviders(ctx.config).length > 0

  // A form without a field; what else is sent is not read.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 4096 }, (_request, _body, done) => done(null))
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof ErpmaxError && error.kind === 'conflict') {
      // What happened since the page was shown; the page as it is now says it.
      const path = pathOf(request.params as { token: string })
      request.told = { ...request.told, found: error.code }
      if (error.code.startsWith('invoice.')) return reply.redirect(path, 303)
      if (error.code === 'checkout.payment_parked') return reply.redirect(`${path}?returned=1`, 303)
    }
    request.told = { ...request.told, error: errorFields(error) }
    const status = (error as { statusCode?: number }).statusCode ?? 503
    return notice(request, reply, status < 500 ? status : 503, 'failed')
  })

  app.get('/pay/:token', async (request: TokenRequest, reply) => {
    if (limits.pages.exceeded(request.ip).exceeded) return notice(request, reply, 429, 'too_many')
    const page = await find(request)
    if (!page) return notice(request, reply, 404, 'not_found')
    const { language } = page.document
    const returned = comesFromProvider(request.query)
    const view = await payView(page, pages.words(language), { online, returned })
    return pages.send(reply, 200, 'invoice', language, { view, action: pathOf(request.params) })
  })

  app.post('/pay/:token/checkout', async (request: TokenRequest, reply) => {
    if (limits.checkouts.exceeded(request.ip).exceeded) return notice(request, reply, 429, 'too_many')
    const page = await find(request)
    if (!page) return notice(request, reply, 404, 'not_found')
    const back = pathOf(request.params)
    request.told = { invoice: page.document.number }
    if (page.state !== 'open') return reply.redirect(back, 303)
    const { url } = (await openCheckout(ctx, page.invoiceId)).checkout
    if (url === null) return reply.redirect(`${back}?returned=1`, 303)
    return reply.redirect(url, 303)
  })

  async function find({ params }: TokenRequest): Promise<PayPage | null> {
    return /^[A-Za-z0-9_-]{22,100}$/.test(params.token) ? readPayPage(ctx, params.token) : null
  }

  function notice(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    what: string,
  ): Promise<FastifyReply> {
    if (status === 429) reply.header('retry-after', '60')
    const language = pageLanguage({ accepted: request.headers['accept-language'] })
    return pages.send(reply, status, 'notice', language, { what })
  }
}

/** Stripe is given `returned`; Razorpay adds words of its own. */
function comesFromProvider(query: Record<string, string>): boolean {
  return 'returned' in query || query.razorpay_payment_link_status === 'paid'
}
