/** Amounts as documents write them, in figures and in words: the expected ones are written by hand. */
import { expect } from 'chai'
import fc from 'fast-check'
import { amountInWords } from '../../src/billing/documents/amount-in-words.js'
import { readLabels, type Language } from '../../src/billing/documents/labels.js'
import {
  plainAmount,
  printAmount,
  printDate,
  printPeriod,
  printRate,
} from '../../src/billing/documents/numbers.js'

async function words(amountMinor: bigint, currency: string, language: Language = 'en'): Promise<string> {
  return amountInWords({ amountMinor, currency }, language, await readLabels('v1', language))
}

describe('amounts on documents', () => {
  describe('in words', () => {
    const english: [bigint, string, string][] = [
      [1_00n, 'INR', 'One rupee only'],
      [1n, 'INR', 'One paisa only'],
      [50n, 'INR', 'Fifty paise only'],
      [0n, 'INR', 'Zero rupees only'],
      [118_60n, 'INR', 'One hundred and eighteen rupees and sixty paise only'],
      [1_00_000_00n, 'INR', 'One lakh rupees only'],
      [
        99_99_999_99n,
        'INR',
        'Ninety-nine lakh ninety-nine thousand nine hundred and ninety-nine rupees and ninety-nine paise only',
      ],
      [1_00_00_000_00n, 'INR', 'One crore rupees only'],
      [
        12_34_56_789_00n,
        'INR',
        'Twelve crore thirty-four lakh fifty-six thousand seven hundred and eighty-nine rupees only',
      ],
      [100_00_00_000_00n, 'INR', 'One hundred crore rupees only'],
      [100_00_00_005_00n, 'INR', 'One hundred crore and five rupees only'],
      [
        1_234_56_78_901_00n,
        'INR',
        'One thousand two hundred and thirty-four crore fifty-six lakh seventy-eight thousand nine hundred and one rupees only',
      ],
      [1_00_000_00_00_000_00n, 'INR', 'One lakh crore rupees only'],
      [1_00_000_00n, 'USD', 'One hundred thousand US dollars only'],
      [1_01n, 'USD', 'One US dollar and one cent only'],
      [58_882n, 'JPY', 'Fifty-eight thousand eight hundred eighty-two yen only'],
      [1_005n, 'KWD', 'One Kuwaiti dinar and five fils only'],
      [49_05n, 'CHF', 'CHF forty-nine and 05/100 only'],
      [49n, 'KRW', 'KRW forty-nine only'],
    ]
    for (const [amount, currency, text] of english) {
      it(text, async () => expect(await words(amount, currency)).to.equal(text))
    }

    const hindi: [bigint, string, string][] = [
      [1_00n, 'INR', 'एक रुपया मात्र'],
      [1_45_796_68n, 'INR', 'एक लाख पैंतालीस हज़ार सात सौ छियानवे रुपये और अड़सठ पैसे मात्र'],
      [3_00_00_000_00n, 'INR', 'तीन करोड़ रुपये मात्र'],
      [1_699_00n, 'USD', 'एक हज़ार छह सौ निन्यानवे अमेरिकी डॉलर मात्र'],
    ]
    for (const [amount, currency, text] of hindi) {
      it(text, async () => expect(await words(amount, currency, 'hi')).to.equal(text))
    }

    const ukrainian: [bigint, string, string][] = [
      [1_00n, 'INR', 'Одна рупія'],
      [2_02n, 'INR', 'Дві рупії і дві пайси'],
      [1_00n, 'EUR', 'Одне євро'],
      [21_00n, 'EUR', 'Двадцять одне євро'],
      [11_11n, 'UAH', 'Одинадцять гривень і одинадцять копійок'],
      [2_002_05n, 'USD', 'Дві тисячі два долари США і п’ять центів'],
      [1_000_000_00n, 'USD', 'Один мільйон доларів США'],
    ]
    for (const [amount, currency, text] of ukrainian) {
      it(text, async () => expect(await words(amount, currency, 'uk')).to.equal(text))
    }

    it('are Cyrillic in Ukrainian, without the Latin letters that look alike', async () => {
      const labels = await readLabels('v1', 'uk')
      fc.assert(
        fc.property(fc.bigInt({ min: 0n, max: 10n ** 15n }), (amountMinor) => {
          expect(amountInWords({ amountMinor, currency: 'UAH' }, 'uk', labels)).not.to.match(/[A-Za-z']/)
        }),
      )
    })

    it('say no other amount the same way', async () => {
      const labels = await readLabels('v1', 'en')
      const amount = fc.bigInt({ min: 0n, max: 10n ** 16n })
      fc.assert(
        fc.property(amount, amount, (a, b) => {
          fc.pre(a !== b)
          const [one, other] = [a, b].map((amountMinor) =>
            amountInWords({ amountMinor, currency: 'INR' }, 'en', labels),
          )
          expect(one).not.to.equal(other)
        }),
      )
    })
  })

  it('in figures', () => {
    const noBreak = '\u00a0'
    expect(printAmount(1_23_45_678_90n, 'INR', 'en')).to.equal('₹1,23,45,678.90')
    expect(printAmount(99_999_00n, 'INR', 'hi')).to.equal('₹99,999.00')
    expect(printAmount(5n, 'INR', 'en')).to.equal('₹0.05')
    expect(printAmount(-500_00n, 'INR', 'en')).to.equal('−₹500.00')
    expect(printAmount(1_234_567_89n, 'USD', 'en')).to.equal('$1,234,567.89')
    expect(printAmount(58_882n, 'JPY', 'en')).to.equal('¥58,882')
    expect(printAmount(1_234_567n, 'KWD', 'en')).to.equal(`KWD${noBreak}1,234.567`)
    expect(printAmount(1_518_44n, 'EUR', 'uk')).to.equal(`1${noBreak}518,44${noBreak}€`)
    expect(printAmount(1_23_456_00n, 'INR', 'uk')).to.equal(`1${noBreak}23${noBreak}456,00${noBreak}₹`)
    expect(plainAmount(-5n, 'INR')).to.equal('-0.05')
    expect(plainAmount(7n, 'JPY')).to.equal('7')
    expect(plainAmount(7n, 'KWD')).to.equal('0.007')
  })

  it('in figures as Intl writes them, which groups by rules of its own', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 15n })
    fc.assert(
      fc.property(amount, fc.constantFrom('INR', 'USD', 'EUR', 'JPY', 'GBP'), (minor, currency) => {
        const locale = currency === 'INR' ? 'en-IN' : 'en-US'
        const intl = new Intl.NumberFormat(locale, { style: 'currency', currency })
        // As text: a number would lose paise, and Intl reads decimal text exactly.
        const expected = intl.format(plainAmount(minor, currency) as unknown as number)
        expect(printAmount(minor, currency, 'en')).to.equal(expected)
      }),
    )
  })

  it('rates, days and periods', async () => {
    const [en, hi, uk] = await Promise.all([
      readLabels('v1', 'en'),
      readLabels('v1', 'hi'),
      readLabels('v1', 'uk'),
    ])
    expect(printRate('20.5', 'en')).to.equal('20.5%')
    expect(printRate('20.5', 'uk')).to.equal('20,5%')
    expect(printDate('2026-02-28', en)).to.equal('28 Feb 2026')
    expect(printDate('2026-02-28', hi)).to.equal('28 फ़रवरी 2026')
    expect(printDate('2026-12-01', uk)).to.equal('01 грудня 2026')
    expect(printPeriod({ from: '2026-04-01', to: '2026-05-01' }, en)).to.equal('01 Apr 2026 – 30 Apr 2026')
    expect(printPeriod({ from: '2028-02-29', to: '2028-03-01' }, en)).to.equal('29 Feb 2028')
  })
})
