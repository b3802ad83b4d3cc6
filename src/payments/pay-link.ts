/** Links to pay by; mails of `billing/` print them too, so that they are made there. */
export { findPayLink, payUrl, payUrls } from '../billing/pay-link.js'
