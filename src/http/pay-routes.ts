/** `/pay/{token}`: an invoice for whoever has its link, and the way to the page of a provider on which it is paid. */
import { openCheckout } from '../payments/checkout/open-checkout.js'
import { readPayPage, type PayPage } from '../views/pay-page.js'
import { ErpmaxError } from '../kernel/errors.js'
import { errorFields } from './logger.js'
import { perMinute } from './rate-limit.js'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Config } from '../kernel/config.js'
import type { PayWords } from './pages/pay.js'
import type { Routes } from './server.js'

type TokenRequest = FastifyRequest<{ Params: { token: string }; Querystring: Record<string, string> }>

/** Of one address in a minute: an office may share one, a guesser of tokens gets nowhere with it. */
const most = { pages: 120, checkouts: 20 }

export const payRoutes: Routes = async (app, { ctx }) => {
  const { languageFor, openPages } = await import('./pages/render.js')
  const { payView } = await import('./pages/pay.js')
  const pages = await openPages<PayWords>('pay', ctx.config.environment)
  const limits = { pages: perMinute(most.pages), checkouts: perMinute(most.checkouts) }
  const online = isOnline(ctx.config)

  // A form without a field; what else is sent is not read.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 4096 }, (_request, _body, done) => done(null))
  app.setErrorHandler((error, request, reply) => {
    request.told = { ...request.told, error: errorFields(error) }
    const status = (error as { statusCode?: number }).statusCode ?? 503
    return notice(request, reply, status < 500 ? status : 503, 'failed')
  })

  app.get('/pay/:token', async (request: TokenRequest, reply) => {
    if (limits.pages.exceeded(request.ip).exceeded) return notice(request, reply, 429, 'too_many')
    const page = await find(request)
    if (!page) return notice(request, reply, 404, 'not_found')
    const { language } = page.document
    const returned = 'returned' in request.query
    const view = await payView(page, pages.words(language), { online, returned })
    return pages.send(reply, 200, 'invoice', language, { view, action: `/pay/${request.params.token}` })
  })

  app.post('/pay/:token/checkout', async (request: TokenRequest, reply) => {
    if (limits.checkouts.exceeded(request.ip).exceeded) return notice(request, reply, 429, 'too_many')
    const page = await find(request)
    if (!page) return notice(request, reply, 404, 'not_found')
    const back = `/pay/${request.params.token}`
    request.told = { invoice: page.document.number }
    if (page.state !== 'open') return reply.redirect(back, 303)
    try {
      const { url } = await openCheckout(ctx, page.invoiceId, { provider: null })
      return await reply
        .header('cache-control', 'no-store')
        .header('referrer-policy', 'no-referrer')
        .redirect(url, 303)
    } catch (error) {
      // Paid in the meantime, most likely: the page says so.
      if (error instanceof ErpmaxError && error.kind === 'conflict') return reply.redirect(back, 303)
      throw error
    }
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
    return pages.send(reply, status, 'notice', languageFor(request.headers['accept-language']), { what })
  }
}

/** Whether a provider can be asked for a page at all. */
function isOnline(config: Config): boolean {
  const razorpay = config.text('RAZORPAY_KEY_ID') !== null && config.secret('RAZORPAY_KEY_SECRET') !== null
  return config.secret('STRIPE_SECRET_KEY') !== null || razorpay
}
