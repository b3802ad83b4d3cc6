-- Taxes as they stand under GST 2.0 (notification 9/2025-Central Tax (Rate), from 22 September 2025): the codes a trading business meets
-- most, the tax codes of the slabs with their accounts, and the statutory rates of tax deducted at source from 1 April 2025.
-- Rates are data: check them against the notifications before relying on them for a product.

insert into hsn_codes (
  code, code_type, description, chapter, uqc_code, tax_treatment, gst_rate_percent, rate_condition, notification_reference, effective_from
)
select
  v.code, 'hsn', v.description, left(v.code, 2), v.uqc,
  case when v.rate = 0 then 'nil_rated' else 'taxable' end,
  v.rate, v.condition,
  case when v.rate = 0 then '10/2025-CT(Rate)' else '9/2025-CT(Rate)' end,
  date '2025-09-22'
from (
  values
    ('0401', 'Milk and cream, fresh, pasteurised or UHT, not sweetened', 'LTR', 0, null),
    ('0902', 'Tea', 'KGS', 5, null),
    ('1006', 'Rice', 'KGS', 5, 'Pre-packaged and labelled up to 25 kg; otherwise nil.'),
    ('1512', 'Sunflower, safflower and cotton-seed oil', 'KGS', 5, null),
    ('1701', 'Cane or beet sugar', 'KGS', 5, null),
    ('190531', 'Sweet biscuits', 'KGS', 5, null),
    ('210690', 'Namkeen and other food preparations', 'KGS', 5, 'Not pan masala (21069020).'),
    ('220210', 'Waters with added sugar or sweetener, aerated', 'LTR', 40, null),
    ('2523', 'Portland and other hydraulic cement', 'BAG', 18, null),
    ('2710', 'Lubricating oils and preparations', 'LTR', 18, 'Petrol, diesel and aviation fuel are outside GST.'),
    ('3004', 'Medicaments in measured doses or packings for retail sale', 'NOS', 5, 'Listed life-saving drugs are nil.'),
    ('330499', 'Beauty, make-up and skin-care preparations', 'NOS', 18, 'Talcum and face powder 5 %.'),
    ('3305', 'Preparations for use on the hair', 'NOS', 5, 'Hair oil and shampoo; other preparations 18 %.'),
    ('340111', 'Soap in bars for toilet use', 'NOS', 5, null),
    ('3808', 'Insecticides, fungicides, herbicides and disinfectants', 'KGS', 18, 'Listed bio-pesticides 5 %.'),
    ('3917', 'Tubes, pipes and hoses of plastics', 'MTR', 18, null),
    ('3923', 'Articles of plastics for packing goods', 'KGS', 18, null),
    ('401110', 'New pneumatic tyres for motor cars', 'NOS', 18, null),
    ('4202', 'Trunks, suitcases, bags and wallets', 'NOS', 18, 'Handbags of cotton or jute 5 %.'),
    ('481910', 'Cartons, boxes and cases of corrugated paper', 'NOS', 5, null),
    ('4901', 'Printed books', 'NOS', 0, null),
    ('6109', 'T-shirts and vests, knitted', 'PCS', 5, 'Up to 2,500 rupees a piece; above that 18 %.'),
    ('6203', 'Men''s suits, jackets and trousers, not knitted', 'PCS', 5, 'Up to 2,500 rupees a piece; above that 18 %.'),
    ('6204', 'Women''s suits, dresses, skirts and trousers, not knitted', 'PCS', 5, 'Up to 2,500 rupees a piece; above that 18 %.'),
    ('6403', 'Footwear with uppers of leather', 'PRS', 5, 'Up to 2,500 rupees a pair; above that 18 %.'),
    ('6907', 'Ceramic flags, paving and wall tiles', 'SQM', 18, null),
    ('7113', 'Jewellery of precious metal', 'GMS', 3, null),
    ('7318', 'Screws, bolts, nuts and washers of iron or steel', 'KGS', 18, null),
    ('7323', 'Table, kitchen and household articles of iron or steel', 'NOS', 5, null),
    ('8413', 'Pumps for liquids', 'NOS', 18, 'Hand pumps 5 %.'),
    ('8415', 'Air-conditioning machines', 'NOS', 18, null),
    ('8418', 'Refrigerators and freezers', 'NOS', 18, null),
    ('842121', 'Water filtering and purifying machinery', 'NOS', 18, null),
    ('8443', 'Printers, copiers and their parts', 'NOS', 18, null),
    ('8450', 'Household washing machines', 'NOS', 18, null),
    ('8471', 'Computers, laptops and storage units', 'NOS', 18, null),
    ('8507', 'Electric accumulators (batteries)', 'NOS', 18, null),
    ('851713', 'Smartphones', 'NOS', 18, null),
    ('8528', 'Television sets, monitors and projectors', 'NOS', 18, null),
    ('853952', 'LED lamps', 'NOS', 18, null),
    ('854143', 'Solar cells assembled in modules or panels', 'NOS', 5, null),
    ('8544', 'Insulated wire and cable', 'MTR', 18, null),
    ('870321', 'Motor cars, petrol, up to 1,000 cc', 'NOS', 18, 'Length up to 4,000 mm.'),
    ('870323', 'Motor cars, petrol, 1,500 to 3,000 cc', 'NOS', 40, null),
    ('870380', 'Motor cars, electric only', 'NOS', 5, null),
    ('8708', 'Parts and accessories of motor vehicles', 'NOS', 18, null),
    ('871140', 'Motorcycles of 500 to 800 cc', 'NOS', 40, null),
    ('8712', 'Bicycles', 'NOS', 5, null),
    ('9403', 'Furniture and parts', 'NOS', 18, 'Wholly of bamboo, cane or rattan 5 %.'),
    ('9503', 'Toys, puzzles and scale models', 'NOS', 5, 'Not electronic; electronic toys 18 %.')
) as v (code, description, uqc, rate, condition)
on conflict (code) do nothing;

insert into hsn_codes (
  code, code_type, description, chapter, tax_treatment, gst_rate_percent, reverse_charge_applies, rate_condition, notification_reference, effective_from
)
select
  v.code, 'sac', v.description, '99',
  v.treatment, v.rate, v.reverse_charge, v.condition,
  case when v.treatment = 'exempt' then '12/2017-CT(Rate)' else '11/2017-CT(Rate)' end,
  v.effective_from::date
from (
  values
    ('996111', 'Wholesale trade on a fee, commission or contract basis', 'taxable', 18, false, null, '2017-07-01'),
    ('996311', 'Hotel accommodation', 'taxable', 5, false, 'Up to 7,500 rupees a day, without input credit; above that 18 %.', '2025-09-22'),
    ('996331', 'Restaurants, cafes and canteens', 'taxable', 5, false, 'Without input credit; 18 % in hotels of specified premises.', '2017-11-15'),
    ('996601', 'Rental of vehicles with operator', 'taxable', 18, false, '5 % if input credit is limited to the same line of business.', '2025-09-22'),
    ('996719', 'Cargo handling services', 'taxable', 18, false, null, '2017-07-01'),
    ('996729', 'Storage and warehousing', 'taxable', 18, false, 'Exempt for agricultural produce.', '2017-07-01'),
    ('996791', 'Road transport of goods by a goods transport agency', 'taxable', 5, true, 'Reverse charge without credit for the agency; 18 % if it opts for forward charge with credit.', '2017-07-01'),
    ('996812', 'Courier services', 'taxable', 18, false, null, '2017-07-01'),
    ('997132', 'Life insurance', 'exempt', 0, false, 'Individual policies; group policies 18 %.', '2025-09-22'),
    ('997212', 'Rental of commercial property', 'taxable', 18, false, 'Reverse charge if the landlord is unregistered and the tenant registered.', '2017-07-01'),
    ('997331', 'Licensing of the right to use software', 'taxable', 18, false, null, '2017-07-01'),
    ('998212', 'Legal advisory and representation services', 'taxable', 18, true, 'Reverse charge if by advocates to a business entity.', '2017-07-01'),
    ('998222', 'Accounting and bookkeeping services', 'taxable', 18, false, null, '2017-07-01'),
    ('998313', 'IT consulting and support services', 'taxable', 18, false, null, '2017-07-01'),
    ('998314', 'IT design and development services', 'taxable', 18, false, null, '2017-07-01'),
    ('998361', 'Advertising services', 'taxable', 18, false, null, '2017-07-01'),
    ('998525', 'Guard and security services', 'taxable', 18, false, 'Reverse charge if the supplier is not a body corporate.', '2017-07-01'),
    ('998599', 'Other support services', 'taxable', 18, false, null, '2017-07-01'),
    ('998713', 'Maintenance and repair of computers and peripherals', 'taxable', 18, false, null, '2017-07-01'),
    ('998715', 'Maintenance and repair of electrical household appliances', 'taxable', 18, false, null, '2017-07-01'),
    ('998739', 'Installation of goods not elsewhere classified', 'taxable', 18, false, null, '2017-07-01'),
    ('999293', 'Commercial training and coaching', 'taxable', 18, false, null, '2017-07-01'),
    ('999721', 'Hairdressing and barbers'' services', 'taxable', 5, false, 'Without input credit.', '2025-09-22')
) as v (code, description, treatment, rate, reverse_charge, condition, effective_from)
on conflict (code) do nothing;

-- the slabs: each as CGST + SGST within a state and IGST between states, for sales and for purchases
insert into tax_configurations (
  tax_code, tax_name, tax_regime, direction, supply_scope, treatment, rate_percent, cgst_percent, sgst_percent, igst_percent,
  cgst_account_id, sgst_account_id, igst_account_id, cess_account_id, effective_from
)
select
  s.prefix || r.code || '-' || d.suffix,
  s.label || ' ' || r.code || ' % ' || d.label,
  'gst', d.direction, s.supply_scope, 'taxable', r.rate,
  case when s.supply_scope = 'intra_state' then r.rate / 2 else 0 end,
  case when s.supply_scope = 'intra_state' then r.rate / 2 else 0 end,
  case when s.supply_scope = 'inter_state' then r.rate else 0 end,
  cgst.id, sgst.id, igst.id, cess.id, r.effective_from::date
from (
  values
    ('0.25', 0.25, '2017-07-01'),
    ('3', 3, '2017-07-01'),
    ('5', 5, '2017-07-01'),
    ('18', 18, '2017-07-01'),
    ('40', 40, '2025-09-22')
) as r (code, rate, effective_from)
cross join (
  values
    ('GST', 'CGST + SGST', 'intra_state'),
    ('IGST', 'IGST', 'inter_state')
) as s (prefix, label, supply_scope)
cross join (
  values
    ('OUT', 'on sales', 'sales', '2121', '2122', '2123', '2124'),
    ('IN', 'on purchases', 'purchase', '1151', '1152', '1153', '1154')
) as d (suffix, label, direction, cgst_code, sgst_code, igst_code, cess_code)
join chart_of_accounts as cgst on cgst.account_code = d.cgst_code
join chart_of_accounts as sgst on sgst.account_code = d.sgst_code
join chart_of_accounts as igst on igst.account_code = d.igst_code
join chart_of_accounts as cess on cess.account_code = d.cess_code
on conflict (tax_code) do nothing;

-- supplies without tax, exports, imports, reverse charge and blocked credit
insert into tax_configurations (
  tax_code, tax_name, tax_regime, direction, supply_scope, treatment, rate_percent, cgst_percent, sgst_percent, igst_percent,
  reverse_charge_applies, is_itc_eligible, cgst_account_id, sgst_account_id, igst_account_id, reverse_charge_account_id,
  legal_note, effective_from
)
select
  v.code, v.name, 'gst', v.direction, v.scope, v.treatment, v.cgst * 2 + v.igst, v.cgst, v.cgst, v.igst,
  v.reverse_charge, v.itc, cgst.id, sgst.id, igst.id, rcm.id,
  v.note, v.effective_from::date
from (
  values
    ('NIL-OUT', 'Nil-rated sales', 'sales', 'any', 'nil_rated', 0, 0, false, true, null, null, null, null, 'Nil rated in the tariff.', '2017-07-01'),
    ('NIL-IN', 'Nil-rated purchases', 'purchase', 'any', 'nil_rated', 0, 0, false, false, null, null, null, null, null, '2017-07-01'),
    ('EXEMPT-OUT', 'Exempt sales', 'sales', 'any', 'exempt', 0, 0, false, true, null, null, null, null, 'Exempt by notification; billed by bill of supply.', '2017-07-01'),
    ('EXEMPT-IN', 'Exempt purchases', 'purchase', 'any', 'exempt', 0, 0, false, false, null, null, null, null, null, '2017-07-01'),
    ('NONGST-OUT', 'Sales outside GST', 'sales', 'any', 'non_gst', 0, 0, false, true, null, null, null, null, 'Petroleum products and liquor for human consumption.', '2017-07-01'),
    ('NONGST-IN', 'Purchases outside GST', 'purchase', 'any', 'non_gst', 0, 0, false, false, null, null, null, null, null, '2017-07-01'),
    ('COMPOSITION-IN', 'Purchases from composition dealers', 'purchase', 'any', 'composition', 0, 0, false, false, null, null, null, null, 'Bill of supply; no credit.', '2017-07-01'),
    ('EXPORT-LUT', 'Export under LUT', 'sales', 'export', 'zero_rated', 0, 0, false, true, null, null, null, null, 'Supply meant for export under letter of undertaking without payment of IGST.', '2017-07-01'),
    ('EXPORT-IGST18', 'Export with payment of IGST 18 %', 'sales', 'export', 'zero_rated', 0, 18, false, true, null, null, '2123', null, 'Supply meant for export on payment of IGST.', '2017-07-01'),
    ('EXPORT-IGST5', 'Export with payment of IGST 5 %', 'sales', 'export', 'zero_rated', 0, 5, false, true, null, null, '2123', null, 'Supply meant for export on payment of IGST.', '2017-07-01'),
    ('SEZ-LUT', 'Supply to SEZ under LUT', 'sales', 'sez', 'zero_rated', 0, 0, false, true, null, null, null, null, 'Supply to SEZ unit or developer for authorised operations under letter of undertaking.', '2017-07-01'),
    ('SEZ-IGST18', 'Supply to SEZ with payment of IGST 18 %', 'sales', 'sez', 'zero_rated', 0, 18, false, true, null, null, '2123', null, 'Supply to SEZ unit or developer for authorised operations on payment of IGST.', '2017-07-01'),
    ('GST0.1-OUT', 'CGST + SGST 0.1 % to merchant exporters', 'sales', 'intra_state', 'taxable', 0.05, 0, false, true, '2121', '2122', null, null, 'Notification 40/2017-CT(Rate).', '2017-10-23'),
    ('IGST0.1-OUT', 'IGST 0.1 % to merchant exporters', 'sales', 'inter_state', 'taxable', 0, 0.1, false, true, null, null, '2123', null, 'Notification 41/2017-IT(Rate).', '2017-10-23'),
    ('IGST18-IMPORT', 'IGST 18 % on import of goods', 'purchase', 'import', 'taxable', 0, 18, false, true, null, null, '1153', null, 'Paid to customs on the bill of entry.', '2017-07-01'),
    ('IGST5-IMPORT', 'IGST 5 % on import of goods', 'purchase', 'import', 'taxable', 0, 5, false, true, null, null, '1153', null, 'Paid to customs on the bill of entry.', '2017-07-01'),
    ('IGST18-RCM-IMPORT', 'IGST 18 % on import of services, reverse charge', 'purchase', 'import', 'taxable', 0, 18, true, true, null, null, '1153', '2125', 'Section 5(3) of the IGST Act.', '2017-07-01'),
    ('GST5-RCM', 'CGST + SGST 5 %, reverse charge', 'purchase', 'intra_state', 'taxable', 2.5, 0, true, true, '1151', '1152', null, '2125', 'Section 9(3): goods transport agency and others.', '2017-07-01'),
    ('IGST5-RCM', 'IGST 5 %, reverse charge', 'purchase', 'inter_state', 'taxable', 0, 5, true, true, null, null, '1153', '2125', 'Section 5(3) of the IGST Act.', '2017-07-01'),
    ('GST18-RCM', 'CGST + SGST 18 %, reverse charge', 'purchase', 'intra_state', 'taxable', 9, 0, true, true, '1151', '1152', null, '2125', 'Section 9(3) and 9(4): legal services, security, rent and others.', '2017-07-01'),
    ('IGST18-RCM', 'IGST 18 %, reverse charge', 'purchase', 'inter_state', 'taxable', 0, 18, true, true, null, null, '1153', '2125', 'Section 5(3) and 5(4) of the IGST Act.', '2017-07-01'),
    ('GST18-IN-BLOCKED', 'CGST + SGST 18 %, credit blocked', 'purchase', 'intra_state', 'taxable', 9, 0, false, false, '5410', '5410', null, null, 'Section 17(5).', '2017-07-01'),
    ('IGST18-IN-BLOCKED', 'IGST 18 %, credit blocked', 'purchase', 'inter_state', 'taxable', 0, 18, false, false, null, null, '5410', null, 'Section 17(5).', '2017-07-01'),
    ('GST5-IN-BLOCKED', 'CGST + SGST 5 %, credit blocked', 'purchase', 'intra_state', 'taxable', 2.5, 0, false, false, '5410', '5410', null, null, 'Section 17(5), or bought where the credit may not be taken: food, club, travel.', '2017-07-01')
) as v (code, name, direction, scope, treatment, cgst, igst, reverse_charge, itc, cgst_code, sgst_code, igst_code, rcm_code, note, effective_from)
left join chart_of_accounts as cgst on cgst.account_code = v.cgst_code
left join chart_of_accounts as sgst on sgst.account_code = v.sgst_code
left join chart_of_accounts as igst on igst.account_code = v.igst_code
left join chart_of_accounts as rcm on rcm.account_code = v.rcm_code
on conflict (tax_code) do nothing;

-- apparel and footwear: the rate hangs on the price of the piece
insert into tax_configurations (
  tax_code, tax_name, tax_regime, direction, supply_scope, treatment, hsn_code_id, min_unit_price, max_unit_price,
  rate_percent, cgst_percent, sgst_percent, igst_percent, cgst_account_id, sgst_account_id, igst_account_id, legal_note, effective_from
)
select
  s.prefix || b.rate || '-OUT-' || h.code,
  s.label || ' ' || b.rate || ' % on sales of ' || h.code || ' ' || b.label,
  'gst', 'sales', s.supply_scope, 'taxable', h.id, b.min_price, b.max_price,
  b.rate,
  case when s.supply_scope = 'intra_state' then b.rate / 2.0 else 0 end,
  case when s.supply_scope = 'intra_state' then b.rate / 2.0 else 0 end,
  case when s.supply_scope = 'inter_state' then b.rate else 0 end,
  cgst.id, sgst.id, igst.id, 'Sale value per piece or pair, notification 9/2025-CT(Rate).', date '2025-09-22'
from hsn_codes as h
cross join (
  values
    (5, 0, 2500, 'up to 2,500'),
    (18, 2500, null, 'above 2,500')
) as b (rate, min_price, max_price, label)
cross join (
  values
    ('GST', 'CGST + SGST', 'intra_state'),
    ('IGST', 'IGST', 'inter_state')
) as s (prefix, label, supply_scope)
join chart_of_accounts as cgst on cgst.account_code = '2121'
join chart_of_accounts as sgst on sgst.account_code = '2122'
join chart_of_accounts as igst on igst.account_code = '2123'
where h.code in ('6109', '6203', '6204', '6403')
on conflict (tax_code) do nothing;

-- value added tax outside India: a standard, a reduced and a zero rate to start from, and what lies outside any tax
insert into tax_configurations (
  tax_code, tax_name, tax_regime, country_code, direction, supply_scope, treatment, currency_code, rate_percent, vat_percent,
  reverse_charge_applies, vat_account_id, reverse_charge_account_id, legal_note, effective_from
)
select
  v.code, v.name, v.regime, v.country, v.direction, v.scope, v.treatment, v.currency, v.rate, v.rate,
  v.reverse_charge, vat.id, rcm.id, v.note, date '2017-07-01'
from (
  values
    ('VAT20-OUT', 'VAT 20 % on sales', 'vat', 'GB', 'sales', 'domestic', 'taxable', 'GBP', 20, false, '2129', null, null),
    ('VAT20-IN', 'VAT 20 % on purchases', 'vat', 'GB', 'purchase', 'domestic', 'taxable', 'GBP', 20, false, '1159', null, null),
    ('VAT5-OUT', 'VAT 5 % on sales', 'vat', 'AE', 'sales', 'domestic', 'taxable', 'AED', 5, false, '2129', null, null),
    ('VAT5-IN', 'VAT 5 % on purchases', 'vat', 'AE', 'purchase', 'domestic', 'taxable', 'AED', 5, false, '1159', null, null),
    ('VAT0-EXPORT', 'VAT 0 % on exports', 'vat', 'GB', 'sales', 'export', 'zero_rated', 'GBP', 0, false, null, null, 'Zero-rated export.'),
    ('VAT-EXEMPT-OUT', 'VAT-exempt sales', 'vat', 'GB', 'sales', 'domestic', 'exempt', 'GBP', 0, false, null, null, null),
    ('VAT20-RC-IN', 'VAT 20 % reverse charge on services from abroad', 'vat', 'GB', 'purchase', 'import', 'taxable', 'GBP', 20, true, '1159', '2129', 'Reverse charge: the customer accounts for the VAT.'),
    ('OUT-OF-SCOPE', 'Outside the scope of tax', 'none', 'IN', 'sales', 'any', 'out_of_scope', 'INR', 0, false, null, null, null)
) as v (code, name, regime, country, direction, scope, treatment, currency, rate, reverse_charge, vat_code, rcm_code, note)
left join chart_of_accounts as vat on vat.account_code = v.vat_code
left join chart_of_accounts as rcm on rcm.account_code = v.rcm_code
on conflict (tax_code) do nothing;

-- statutory rates of TDS (company_id null); 206AA gives the rate without PAN: 20 %, but 5 % for 194O and 194Q
insert into tds_rates (
  section_code, new_act_reference, nature_of_payment, deductee_residency, individual_rate_percent, company_rate_percent, no_pan_rate_percent,
  single_threshold_amount, aggregate_threshold_amount, aggregate_window, on_excess_only, surcharge_applies, cess_percent,
  payable_account_id, return_form, conditions, effective_from
)
select
  v.section, v.new_act, v.nature, v.residency, v.individual, v.company, v.no_pan,
  v.single, v.aggregate, v.time_window, v.excess, v.residency = 'non_resident', case when v.residency = 'non_resident' then 4 else 0 end,
  a.id, v.form, v.conditions, date '2025-04-01'
from (
  values
    ('193', '393(1) Sl. 5(i)', 'Interest on securities', 'resident', 10, 10, 20, null, 10000, 'fiscal_year', false, '2136', '26Q', null),
    ('194', '393(1) Sl. 7', 'Dividend', 'resident', 10, 10, 20, null, 10000, 'fiscal_year', false, '2136', '26Q', 'The threshold is for individuals.'),
    ('194A', '393(1) Sl. 5(iii)', 'Interest other than on securities, payer not a bank', 'resident', 10, 10, 20, null, 10000, 'fiscal_year', false, '2136', '26Q', null),
    ('194B', '393(3) Sl. 1', 'Winnings from lotteries, contests and games', 'resident', 30, 30, 30, 10000, null, 'none', false, '2136', '26Q', 'Prizes of sales schemes drawn by lot included.'),
    ('194C', '393(1) Sl. 6(i)', 'Contractors and sub-contractors, advertising, transport', 'resident', 1, 2, 20, 30000, 100000, 'fiscal_year', false, '2131', '26Q', null),
    ('194C-TRANSPORT', '393(1) Sl. 6(i)', 'Transporter with up to ten goods carriages who gave a declaration and PAN', 'resident', 0, 0, 20, 30000, 100000, 'fiscal_year', false, '2131', '26Q', 'Section 194C(6); to be reported all the same.'),
    ('194D', '393(1) Sl. 1(i)', 'Insurance commission', 'resident', 2, 10, 20, null, 20000, 'fiscal_year', false, '2132', '26Q', '10 % for domestic companies, 2 % for all others.'),
    ('194H', '393(1) Sl. 1(ii)', 'Commission and brokerage', 'resident', 2, 2, 20, null, 20000, 'fiscal_year', false, '2132', '26Q', null),
    ('194I(a)', '393(1) Sl. 2(ii)', 'Rent of plant, machinery and equipment', 'resident', 2, 2, 20, null, 50000, 'month', false, '2133', '26Q', null),
    ('194I(b)', '393(1) Sl. 2(ii)', 'Rent of land, building, furniture and fittings', 'resident', 10, 10, 20, null, 50000, 'month', false, '2133', '26Q', null),
    ('194IA', '393(1) Sl. 3(i)', 'Purchase of immovable property other than agricultural land', 'resident', 1, 1, 20, 5000000, null, 'none', false, '2136', '26QB', 'On the higher of consideration and stamp duty value.'),
    ('194J(a)', '393(1) Sl. 6(iii)', 'Technical services, call centres, royalty on films', 'resident', 2, 2, 20, null, 50000, 'fiscal_year', false, '2134', '26Q', null),
    ('194J(b)', '393(1) Sl. 6(iii)', 'Professional services, royalty, non-compete fees', 'resident', 10, 10, 20, null, 50000, 'fiscal_year', false, '2134', '26Q', null),
    ('194J(ba)', '393(1) Sl. 6(iii)', 'Remuneration of directors other than salary', 'resident', 10, 10, 20, null, null, 'none', false, '2134', '26Q', 'No threshold.'),
    ('194O', '393(1) Sl. 8(v)', 'E-commerce operator to participant', 'resident', 0.1, 0.1, 5, null, 500000, 'fiscal_year', false, '2136', '26Q', 'The threshold is for individuals and Hindu undivided families with PAN or Aadhaar.'),
    ('194Q', '393(1) Sl. 8(ii)', 'Purchase of goods', 'resident', 0.1, 0.1, 5, null, 5000000, 'fiscal_year', true, '2135', '26Q', 'If the buyer''s turnover was over 10 crore rupees in the year before; not where 194O applies.'),
    ('194R', '393(1) Sl. 8(iv)', 'Benefits and perquisites of business, e.g. dealer schemes in kind', 'resident', 10, 10, 20, null, 20000, 'fiscal_year', false, '2136', '26Q', null),
    ('194T', '393(3) Sl. 7', 'Salary, remuneration, commission and interest to partners of a firm', 'resident', 10, 10, 20, null, 20000, 'fiscal_year', false, '2136', '26Q', null),
    ('195-FTS', '393(2)', 'Royalty and fees for technical services to non-residents', 'non_resident', 20, 20, 20, null, null, 'none', false, '2137', '27Q', 'Lower rate by treaty with tax residency certificate and Form 10F.'),
    ('195-OTHER', '393(2)', 'Other sums to non-residents', 'non_resident', 30, 35, 30, null, null, 'none', false, '2137', '27Q', 'Form 15CA and 15CB; lower rate by treaty.')
) as v (section, new_act, nature, residency, individual, company, no_pan, single, aggregate, time_window, excess, account, form, conditions)
left join chart_of_accounts as a on a.account_code = v.account
on conflict (company_id, section_code, effective_from) do nothing;
