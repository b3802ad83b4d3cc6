/** Which language a page is in: what was chosen, what is known, what the browser says. */
import { expect } from 'chai'
import { pageLanguage } from '../../src/http/pages/language.js'

describe('the language of a page', () => {
  const cases: [string, Parameters<typeof pageLanguage>[0], string][] = [
    ['nothing is known', {}, 'en'],
    ['chosen before known before accepted', { asked: 'hi', known: 'uk', accepted: 'en' }, 'hi'],
    ['known before accepted', { known: 'uk', accepted: 'hi' }, 'uk'],
    ['of a region', { known: 'uk-UA' }, 'uk'],
    ['the first the browser names that pages are written in', { accepted: 'fr-FR,uk;q=0.8,hi' }, 'uk'],
    ['Hiligaynon is not Hindi', { accepted: 'hil,uk' }, 'uk'],
    ['not what is no language', { asked: ['hi'], known: '', accepted: '*' }, 'en'],
    ['in capitals', { accepted: 'HI-IN' }, 'hi'],
  ]
  for (const [name, signs, expected] of cases) it(name, () => expect(pageLanguage(signs)).to.equal(expected))
})
