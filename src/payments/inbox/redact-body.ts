/** An event as people may see it: what tells who paid, and what opens anything, is hidden. */
import { redacted } from '../../kernel/secret.js'

/** Of objects of both providers; compared in lower case. */
const personal =
  /^(name|first_name|last_name|payer_name|customer_name|business_name|individual_name|email|phone|contact|vpa|address|billing_address|shipping|fingerprint|ip|customer_purchase_ip|iin|bank_account|account_number|iban|signature|client_secret|token|token_id|public_key|key|secret|last4|dynamic_last4|number|cvc|cvv|cvv2|exp_month|exp_year|acquirer_data)$|(_email|_phone|_secret|_token)$/

/** JSON with every value of a telling key replaced, at any depth, and addresses and card numbers in any text. */
export function redactBody(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redactBody)
  if (typeof value === 'string') return redactText(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      personal.test(key.toLowerCase()) ? hidden(inner) : redactBody(inner),
    ]),
  )
}

/** That there is nothing is shown: it hides nobody, and says what the provider sent. */
function hidden(value: unknown): unknown {
  return value === null || value === '' || typeof value === 'boolean' ? value : redacted
}

function redactText(text: string): string {
  return text
    .replace(/[^\s@<>"]+@[^\s@<>"]+/g, redacted)
    .replace(/\b(sk|rk|whsec|pk)_[A-Za-z0-9_]{6,}/g, redacted)
    .replace(/\brzp_(live|test)_[A-Za-z0-9]{6,}/g, redacted)
    .replace(/\b\d(?:[ -]?\d){12,18}\b/g, redacted)
}
