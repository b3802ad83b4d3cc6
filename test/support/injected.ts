/** Texts that are code elsewhere: in SQL, logs and terminals, templates, shells and pages. */
import fc from 'fast-check'

export const sqlPieces = [
  ...[
    "'; drop table public.tenants; --",
    '" or ""="',
    "' or '1'='1",
    "'); truncate public.users cascade; --",
  ],
  ...['$1', '?', '??', ':name', '%', '_', '\\', "\\'", "E'\\x27'", '; select pg_sleep(30)', '/*', '*/', '--'],
  ...['${process.exit(7)}', '$$; drop schema public cascade; $$', '{"a": 1}', '[]', 'null', 'NaN', '1e999'],
]
export const logPieces = [
  ...['\n', '\r\n', '\r', '\nError: all is lost', '\r\nSet-Cookie: a=b', '\r\n\r\nHTTP/1.1 200 OK', '\t'],
  ...[
    '\b\b\b',
    '\u001b[2J',
    '\u001b[31mred',
    '\u001b]0;title\u0007',
    '\u001b[8mhidden\u001b[0m',
    '\u009b31m',
  ],
  ...['\u0085', '\u202etxt.exe', '\u2028', '\u200b', '\ufeff', '\ud800', '%s%n%x', '%00', '\u007f'],
  '\n{"level":"info","msg":"forged"}',
]
export const templatePieces = [
  ...[
    '{{ 7919 | times: 7919 }}',
    '{% include "../../../etc/passwd" %}',
    '{{ secrets }}',
    '<%= 7919 * 7919 %>',
    '#{7919*7919}',
  ],
  ...['<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '"><svg/onload=alert(1)>', '&lt;'],
  ...['javascript:alert(1)', '$(touch pwned)', '`touch pwned`', '| touch pwned', '; touch pwned'],
  ...['../../../../etc/passwd', '__proto__', 'constructor', 'toString', '=1+1', '@SUM(1)', '//evil.test'],
]

/** Of each kind, on one line that any field takes. */
export const oneLiner = `';drop table users;--"{{7919|times:7919}}<b>\\'$1 ?? %s`

/** One to five of them, of any kind, with harmless ones between. */
export const injected = fc
  .array(fc.constantFrom(...sqlPieces, ...logPieces, ...templatePieces, 'acme', ' ', 'x'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((parts) => parts.join(''))

/** What a terminal or a log would act upon. */
export const control = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

/** What a template would make of them. */
export const evaluated = String(7919 * 7919)
