/** The e-invoice draft against the portal's schema 1.1 and figures worked out by hand. */
import { createHash } from 'node:crypto'
import { expect } from 'chai'
import * as z from 'zod'
import { financialYear, inv01, irn } from '../../src/billing/documents/inv-01.js'
import { thrown } from '../support/errors.js'
import { readSample } from '../support/documents.js'
import type { BillingDocument, DocumentParty } from '../../src/billing/document.js'

/** What the portal's schema demands of the parts we send: names, lengths, patterns and ranges. */
const text = (min: number, max: number): z.ZodString =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[^\\"]*$/)
const day = z.string().regex(/^[0-3]\d\/[01]\d\/20[12]\d$/)
const amount = z.number().min(0).max(999_999_999_999.99).multipleOf(0.01)
const state = z.string().regex(/^(?!0+$)\d{1,2}$/)
const number = z.string().regex(/^[a-zA-Z1-9][a-zA-Z0-9/-]{0,15}$/)
const partyShape = {
  LglNm: text(3, 100),
  TrdNm: text(3, 100).optional(),
  Addr1: text(1, 100),
  Addr2: text(3, 100).optional(),
  Pin: z.number().int().min(100_000).max(999_999),
  Stcd: state,
  Em: z
    .string()
    .min(6)
    .max(100)
    .regex(/^[a-zA-Z0-9+_.-]+@[a-zA-Z0-9.-]+$/)
    .optional(),
}
const schema = z.strictObject({
  Version: z.literal('1.1'),
  Irn: z.string().regex(/^[0-9a-f]{64}$/),
  AckNo: z.null(),
  AckDt: z.null(),
  Status: z.literal('DRAFT'),
  Problems: z.array(z.string()),
  TranDtls: z.strictObject({
    TaxSch: z.literal('GST'),
    SupTyp: z.enum(['B2B', 'SEZWP', 'SEZWOP', 'EXPWP', 'EXPWOP', 'DEXP']),
    RegRev: z.enum(['Y', 'N']),
    IgstOnIntra: z.enum(['Y', 'N']),
  }),
  DocDtls: z.strictObject({ Typ: z.enum(['INV', 'CRN', 'DBN']), No: number, Dt: day }),
  SellerDtls: z.strictObject({
    ...partyShape,
    Loc: text(3, 50),
    Gstin: z.string().regex(/^\d{2}[0-9A-Z]{13}$/),
  }),
  BuyerDtls: z.strictObject({
    ...partyShape,
    Loc: text(3, 100),
    Gstin: z.string().regex(/^(\d{2}[0-9A-Z]{13}|URP)$/),
    Pos: state,
  }),
  ItemList: z
    .array(
      z.strictObject({
        SlNo: z.string().regex(/^\d{1,6}$/),
        PrdDesc: text(3, 300),
        IsServc: z.literal('Y'),
        HsnCd: z.string().regex(/^(?!0+$)(\d{4}|\d{6}|\d{8})$/),
        Qty: z.number(),
        Unit: z.string().regex(/^[A-Za-z]{3,8}$/),
        UnitPrice: amount,
        TotAmt: amount,
        AssAmt: amount,
        GstRt: z.number().min(0).max(999.999),
        IgstAmt: amount,
        CgstAmt: amount,
        SgstAmt: amount,
        TotItemVal: amount,
      }),
    )
    .min(1),
  ValDtls: z.strictObject({
    AssVal: amount,
    CgstVal: amount,
    SgstVal: amount,
    IgstVal: amount,
    RndOffAmt: z.number().min(-99.99).max(99.99),
    TotInvVal: amount,
    TotInvValFc: z.number().min(0).optional(),
  }),
  RefDtls: z
    .strictObject({
      DocPerdDtls: z.strictObject({ InvStDt: day, InvEndDt: day }).optional(),
      PrecDocDtls: z.array(z.strictObject({ InvNo: number, InvDt: day })).optional(),
    })
    .optional(),
  ExpDtls: z
    .strictObject({ ForCur: z.string().regex(/^[A-Z]{3}$/), CntCode: z.string().regex(/^[A-Z]{2}$/) })
    .optional(),
})

describe('INV-01', () => {
  for (const name of [
    'intra-state',
    'intra-state-hindi',
    'inter-state',
    'sez',
    'export-lut',
    'export-jpy',
    'credit-note',
  ]) {
    it(`${name} is as the portal's schema has it`, () => {
      const draft = inv01(readSample(name))
      expect(() => schema.parse(draft)).not.to.throw()
      expect(draft.Problems).to.deep.equal([])
      // The portal adds up, and allows for rounding only what is declared.
      const sum = draft.ItemList.reduce((total, item) => total + item.TotItemVal, draft.ValDtls.RndOffAmt)
      expect(sum).to.be.closeTo(draft.ValDtls.TotInvVal, 0.001)
    })
  }

  it('computes the IRN as the portal does', () => {
    // printf %s 27AAPFU0939F1ZV2026-27INVERP/26-27/00001 | sha256sum
    expect(inv01(readSample('intra-state')).Irn).to.equal(
      'cd9a448d2f5500fd78469a9538a407511029cdca707458201fa9d0f1e78c2b5f',
    )
    // printf %s 27AAPFU0939F1ZV2026-27CRNERC/26-27/00001 | sha256sum
    expect(inv01(readSample('credit-note')).Irn).to.equal(
      '9d66a0c5f71341195c7060b698b7f4467944a06330432e3ef9323dd1576420ff',
    )
    const older = createHash('sha256').update('27AAPFU0939F1ZV2025-26INVERP/25-26/00009').digest('hex')
    expect(irn('27AAPFU0939F1ZV', '2026-03-31', 'INV', 'ERP/25-26/00009')).to.equal(older)
  })

  it('turns the financial year on 1 April', () => {
    const days = ['2026-03-31', '2026-04-01', '2027-01-01', '2099-04-01', '2100-03-31']
    expect(days.map(financialYear)).to.deep.equal(['2025-26', '2026-27', '2026-27', '2099-00', '2099-00'])
  })

  it('has supplier, buyer, items and sums of a supply inside a state', () => {
    const draft = inv01(readSample('intra-state'))
    expect(draft.TranDtls).to.include({ SupTyp: 'B2B', RegRev: 'N' })
    expect(draft.DocDtls).to.deep.equal({ Typ: 'INV', No: 'ERP/26-27/00001', Dt: '01/04/2026' })
    expect(draft.SellerDtls).to.deep.equal({
      Gstin: '27AAPFU0939F1ZV',
      LglNm: 'Erpmax Software Private Limited',
      TrdNm: 'Erpmax',
      Addr1: '4th Floor, Sunrise Tower',
      Addr2: 'Andheri East',
      Loc: 'Mumbai',
      Pin: 400069,
      Stcd: '27',
      Em: 'billing@erpmax.example',
    })
    expect(draft.BuyerDtls).to.include({ Gstin: '27AAACK4409J1ZK', Pos: '27', Loc: 'Pune', Pin: 411026 })
    expect(draft.ItemList[1]).to.include({
      HsnCd: '997331',
      AssAmt: 100.5,
      GstRt: 18,
      CgstAmt: 9.05,
      SgstAmt: 9.05,
      IgstAmt: 0,
      TotItemVal: 118.6,
    })
    expect(draft.ValDtls).to.deep.equal({
      AssVal: 123556.5,
      CgstVal: 11120.09,
      SgstVal: 11120.09,
      IgstVal: 0,
      RndOffAmt: 0,
      TotInvVal: 145796.68,
    })
    expect(draft.RefDtls).to.deep.equal({ DocPerdDtls: { InvStDt: '01/04/2026', InvEndDt: '30/04/2026' } })
  })

  it('is in rupees for a supply abroad, with what rounding left over', () => {
    const draft = inv01(readSample('export-lut'))
    expect(draft.TranDtls.SupTyp).to.equal('EXPWOP')
    expect(draft.BuyerDtls).to.include({ Gstin: 'URP', Pos: '96', Stcd: '96', Pin: 999999 })
    // 1200.00 x 83.2512 = 99901.44; 499.00 x 83.2512 = 41542.3488; 1699.00 x 83.2512 = 141443.7888
    expect(draft.ItemList.map((item) => item.AssAmt)).to.deep.equal([99901.44, 41542.35])
    expect(draft.ValDtls).to.include({
      AssVal: 141443.79,
      RndOffAmt: 0,
      TotInvVal: 141443.79,
      TotInvValFc: 1699,
    })
    expect(draft.ExpDtls).to.deep.equal({ ForCur: 'USD', CntCode: 'US' })
    // Yen have no minor unit: 49900 x 0.5531 = 27599.69, 8982 x 0.5531 = 4967.9442, 58882 x 0.5531 = 32567.6342
    const yen = inv01(readSample('export-jpy'))
    expect(yen.TranDtls.SupTyp).to.equal('EXPWP')
    expect(yen.ItemList[0]).to.include({
      AssAmt: 27599.69,
      IgstAmt: 4967.94,
      TotItemVal: 32567.63,
      GstRt: 18,
    })
    expect(yen.ValDtls).to.include({ TotInvVal: 32567.63, TotInvValFc: 58882 })
  })

  it('declares the difference between lines converted one by one and the total at once', () => {
    const sample = readSample('export-lut')
    const lines = Array.from({ length: 3 }, (_, index) => ({
      ...sample.lines[0]!,
      position: index + 1,
      taxable_minor: 1n,
      taxes: [],
    }))
    // 0.01 x 83.2512 = 0.832512, thrice 0.83 is 2.49; 0.03 x 83.2512 = 2.497536
    const exchange = { ...sample.exchange!, total_minor: 250n }
    const draft = inv01({ ...sample, lines, taxes: [], taxable_minor: 3n, total_minor: 3n, exchange })
    expect(draft.ValDtls).to.include({ AssVal: 2.49, RndOffAmt: 0.01, TotInvVal: 2.5 })
  })

  it('knows zones, reverse charge and credit notes', () => {
    expect(inv01(readSample('sez')).TranDtls.SupTyp).to.equal('SEZWOP')
    const paid = readSample('sez', { taxes: [{ head: 'IGST', rate: '18', amount_minor: 1n }] })
    expect(inv01(paid).TranDtls.SupTyp).to.equal('SEZWP')
    const reversed = readSample('inter-state', { reverse_charge: true, endorsement: 'Reverse charge' })
    expect(inv01(reversed).TranDtls).to.include({ SupTyp: 'B2B', RegRev: 'Y' })
    const credit = inv01(readSample('credit-note'))
    expect(credit.DocDtls.Typ).to.equal('CRN')
    expect(credit.RefDtls?.PrecDocDtls).to.deep.equal([{ InvNo: 'ERP/26-27/00001', InvDt: '01/04/2026' }])
  })

  it('counts UTGST as SGST, as the portal does', () => {
    const sample = readSample('union-territory')
    const draft = inv01({ ...sample, recipient: { ...sample.recipient, gstin: '04AAFCC1023L1Z3' } })
    expect(draft.ItemList[0]).to.include({ CgstAmt: 449.91, SgstAmt: 449.91, GstRt: 18 })
  })

  describe('reads an address', () => {
    const cases: [string[], Partial<ReturnType<typeof inv01>['BuyerDtls']>][] = [
      [['14 MG Road', 'Andheri East, Mumbai 400 069'], { Addr1: '14 MG Road', Loc: 'Mumbai', Pin: 400069 }],
      [['14 MG Road', 'Mumbai', '400069'], { Addr1: '14 MG Road', Loc: 'Mumbai', Pin: 400069 }],
      [
        ['14 MG Road', 'Mumbai - 400069, Maharashtra', 'India'],
        { Addr1: '14 MG Road', Loc: 'Mumbai', Pin: 400069 },
      ],
      [
        ['14 MG Road', 'Mumbai', 'Maharashtra', '400069'],
        { Addr1: '14 MG Road', Loc: 'Mumbai', Pin: 400069 },
      ],
      [['House 8', 'Chandigarh 160022'], { Addr1: 'House 8', Loc: 'Chandigarh', Pin: 160022 }],
      [['House 8', 'Delhi', '110001'], { Addr1: 'House 8', Loc: 'Delhi', Pin: 110001 }],
      [['14 MG Road, Mumbai 400069'], { Addr1: '14 MG Road, Mumbai 400069', Loc: 'Mumbai', Pin: 400069 }],
    ]
    for (const [address, expected] of cases) {
      it(address.join(' | '), () => {
        const sample = readSample('intra-state')
        const name = /Chandigarh|Delhi/.exec(address.join())?.[0] ?? 'Maharashtra'
        const recipient = { ...sample.recipient, address, state: { code: '', gst_code: '', name } }
        const draft = inv01({ ...sample, recipient })
        expect(draft.BuyerDtls).to.include(expected)
        expect(draft.Problems).to.deep.equal([])
      })
    }
  })

  it('lists what the portal will ask for and the document does not tell', () => {
    const sample = readSample('intra-state')
    const draft = inv01({
      ...sample,
      recipient: { ...sample.recipient, address: ['Somewhere "else"'] },
      place_of_supply: null,
      lines: sample.lines.map((line) => ({ ...line, sac: null })),
    })
    expect(draft.BuyerDtls.Addr1).to.equal("Somewhere 'else'")
    expect(draft.Problems.map((problem) => problem.split(':')[0])).to.deep.equal([
      'ItemList 1',
      'ItemList 2',
      'BuyerDtls.Pin',
      'BuyerDtls.Pos',
    ])
  })

  it('is refused where the law knows none', async () => {
    const sample = readSample('intra-state')
    const without = (party: DocumentParty): DocumentParty => ({ ...party, gstin: null })
    const refused: BillingDocument[] = [
      { ...sample, supplier: without(sample.supplier) },
      { ...sample, recipient: without(sample.recipient) },
      { ...sample, void: { reason: 'Twice' } },
      { ...readSample('export-lut'), exchange: null },
    ]
    for (const document of refused) {
      const error = thrown(() => inv01(document))
      expect(error).to.include({ kind: 'conflict', code: 'einvoice.not_applicable' })
    }
  })
})
