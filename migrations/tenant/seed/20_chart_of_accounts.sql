-- A base chart of accounts for a trading and service business in India, in the order of Schedule III: five classes, groups below them,
-- then the accounts that can be posted to. Accounts a document posts to by itself are closed to manual entries.

insert into chart_of_accounts (account_code, account_name, level, is_group, account_class, account_type, normal_side, allows_manual_posting, is_system)
values
  ('1000', 'Assets', 1, true, 'asset', 'group', 'debit', false, true),
  ('2000', 'Liabilities', 1, true, 'liability', 'group', 'credit', false, true),
  ('3000', 'Equity', 1, true, 'equity', 'group', 'credit', false, true),
  ('4000', 'Income', 1, true, 'income', 'group', 'credit', false, true),
  ('5000', 'Expenses', 1, true, 'expense', 'group', 'debit', false, true)
on conflict (account_code) do nothing;

insert into chart_of_accounts (
  account_code, account_name, parent_account_id, level, is_group, account_class, account_type, normal_side, allows_manual_posting, is_system,
  schedule_iii_head
)
select v.code, v.name, p.id, p.level + 1, true, p.account_class, 'group', p.normal_side, false, true, v.head
from (
  values
    ('1100', 'Current assets', '1000', 'Current assets'),
    ('1200', 'Non-current assets', '1000', 'Non-current assets'),
    ('2100', 'Current liabilities', '2000', 'Current liabilities'),
    ('2200', 'Non-current liabilities', '2000', 'Non-current liabilities'),
    ('3100', 'Capital', '3000', 'Share capital'),
    ('3200', 'Reserves and surplus', '3000', 'Reserves and surplus'),
    ('4100', 'Revenue from operations', '4000', 'Revenue from operations'),
    ('4200', 'Other income', '4000', 'Other income'),
    ('5100', 'Cost of goods sold', '5000', 'Purchases of stock-in-trade'),
    ('5200', 'Selling and distribution expenses', '5000', 'Other expenses'),
    ('5300', 'Employee benefits expense', '5000', 'Employee benefits expense'),
    ('5400', 'Administrative expenses', '5000', 'Other expenses'),
    ('5500', 'Finance costs and exchange loss', '5000', 'Finance costs'),
    ('5600', 'Depreciation and disposals', '5000', 'Depreciation and amortisation expense'),
    ('5700', 'Income tax expense', '5000', 'Tax expense')
) as v (code, name, parent, head)
join chart_of_accounts as p on p.account_code = v.parent
on conflict (account_code) do nothing;

insert into chart_of_accounts (
  account_code, account_name, parent_account_id, level, is_group, account_class, account_type, normal_side, allows_manual_posting, is_system,
  schedule_iii_head
)
select v.code, v.name, p.id, p.level + 1, true, p.account_class, 'group', p.normal_side, false, true, v.head
from (
  values
    ('1110', 'Cash and bank', '1100', 'Cash and cash equivalents'),
    ('1130', 'Trade receivables', '1100', 'Trade receivables'),
    ('1140', 'Inventories', '1100', 'Inventories'),
    ('1150', 'Input tax credit and other tax assets', '1100', 'Other current assets'),
    ('1170', 'Advances and other current assets', '1100', 'Short-term loans and advances'),
    ('1210', 'Property, plant, equipment and intangibles', '1200', 'Property, plant and equipment and intangible assets'),
    ('2110', 'Trade payables', '2100', 'Trade payables'),
    ('2120', 'GST and VAT payable', '2100', 'Other current liabilities'),
    ('2130', 'TDS and TCS payable', '2100', 'Other current liabilities'),
    ('2140', 'Payroll liabilities', '2100', 'Other current liabilities'),
    ('2150', 'Advances, accruals and provisions', '2100', 'Other current liabilities')
) as v (code, name, parent, head)
join chart_of_accounts as p on p.account_code = v.parent
on conflict (account_code) do nothing;

-- assets
insert into chart_of_accounts (
  account_code, account_name, parent_account_id, level, account_class, account_type, normal_side, party_type, tax_component,
  allows_manual_posting, is_reconcilable, is_revalued, cash_flow_section, schedule_iii_head, is_system
)
select
  v.code, v.name, p.id, p.level + 1, 'asset', v.type, v.side, v.party, v.tax,
  v.manual, v.reconcilable, v.revalued, v.flow, p.schedule_iii_head, not v.manual
from (
  values
    ('1111', 'Cash in hand', '1110', 'cash', 'debit', null, null, true, true, false, 'cash'),
    ('1112', 'Petty cash', '1110', 'cash', 'debit', null, null, true, true, false, 'cash'),
    ('1113', 'Bank - current account', '1110', 'bank', 'debit', null, null, true, true, false, 'cash'),
    ('1114', 'Bank - EEFC account', '1110', 'bank', 'debit', null, null, true, true, true, 'cash'),
    ('1116', 'Cheques in hand', '1110', 'clearing', 'debit', null, null, false, true, false, 'operating'),
    ('1117', 'Payment gateway clearing', '1110', 'clearing', 'debit', null, null, false, true, false, 'operating'),
    ('1118', 'Marketplace and COD remittance clearing', '1110', 'clearing', 'debit', null, null, false, true, false, 'operating'),
    ('1131', 'Trade receivables - domestic', '1130', 'receivable', 'debit', 'customer', null, false, true, false, 'operating'),
    ('1132', 'Trade receivables - export', '1130', 'receivable', 'debit', 'customer', null, false, true, true, 'operating'),
    ('1139', 'Allowance for doubtful debts', '1130', 'provision', 'credit', null, null, true, false, false, 'operating'),
    ('1141', 'Stock - trading goods', '1140', 'inventory', 'debit', null, null, false, false, false, 'operating'),
    ('1142', 'Stock - raw material, packing and spares', '1140', 'inventory', 'debit', null, null, false, false, false, 'operating'),
    ('1145', 'Goods in transit', '1140', 'goods_in_transit', 'debit', null, null, false, true, false, 'operating'),
    ('1149', 'Provision for slow and obsolete stock', '1140', 'provision', 'credit', null, null, true, false, false, 'operating'),
    ('1151', 'Input CGST', '1150', 'gst_input', 'debit', null, 'cgst', false, true, false, 'operating'),
    ('1152', 'Input SGST / UTGST', '1150', 'gst_input', 'debit', null, 'sgst', false, true, false, 'operating'),
    ('1153', 'Input IGST', '1150', 'gst_input', 'debit', null, 'igst', false, true, false, 'operating'),
    ('1154', 'Input compensation cess', '1150', 'gst_input', 'debit', null, 'cess', false, true, false, 'operating'),
    ('1155', 'Input tax credit deferred (not in GSTR-2B)', '1150', 'gst_input', 'debit', null, null, false, true, false, 'operating'),
    ('1156', 'GST electronic cash ledger', '1150', 'gst_ledger', 'debit', null, null, true, true, false, 'operating'),
    ('1159', 'Input VAT', '1150', 'vat_input', 'debit', null, 'vat', false, true, false, 'operating'),
    ('1161', 'TDS receivable', '1150', 'tds_receivable', 'debit', null, 'tds', false, true, false, 'operating'),
    ('1162', 'TCS receivable', '1150', 'tcs_receivable', 'debit', null, 'tcs', true, true, false, 'operating'),
    ('1163', 'Advance income tax', '1150', 'income_tax', 'debit', null, null, true, true, false, 'operating'),
    ('1171', 'Advances to vendors', '1170', 'advance_paid', 'debit', 'vendor', null, false, true, false, 'operating'),
    ('1172', 'Advances to employees', '1170', 'advance_paid', 'debit', 'employee', null, true, true, false, 'operating'),
    ('1173', 'Prepaid expenses', '1170', 'prepaid', 'debit', null, null, true, false, false, 'operating'),
    ('1174', 'Security deposits given', '1170', 'deposit', 'debit', null, null, true, true, false, 'operating'),
    ('1178', 'Inter-branch and inter-company account', '1170', 'clearing', 'debit', null, null, true, true, false, 'operating'),
    ('1211', 'Land and buildings', '1210', 'fixed_asset', 'debit', null, null, true, false, false, 'investing'),
    ('1212', 'Plant and machinery', '1210', 'fixed_asset', 'debit', null, null, true, false, false, 'investing'),
    ('1213', 'Furniture and fixtures', '1210', 'fixed_asset', 'debit', null, null, true, false, false, 'investing'),
    ('1214', 'Vehicles', '1210', 'fixed_asset', 'debit', null, null, true, false, false, 'investing'),
    ('1215', 'Computers and office equipment', '1210', 'fixed_asset', 'debit', null, null, true, false, false, 'investing'),
    ('1218', 'Capital work in progress', '1210', 'capital_wip', 'debit', null, null, true, false, false, 'investing'),
    ('1219', 'Accumulated depreciation and amortisation', '1210', 'accumulated_depreciation', 'credit', null, null, false, false, false, 'operating'),
    ('1231', 'Software and licences', '1210', 'fixed_asset', 'debit', null, null, true, false, false, 'investing')
) as v (code, name, parent, type, side, party, tax, manual, reconcilable, revalued, flow)
join chart_of_accounts as p on p.account_code = v.parent
on conflict (account_code) do nothing;

-- liabilities and equity
insert into chart_of_accounts (
  account_code, account_name, parent_account_id, level, account_class, account_type, normal_side, party_type, tax_component,
  allows_manual_posting, is_reconcilable, is_revalued, cash_flow_section, schedule_iii_head, is_system
)
select
  v.code, v.name, p.id, p.level + 1, p.account_class, v.type, v.side, v.party, v.tax,
  v.manual, v.reconcilable, v.revalued, v.flow, p.schedule_iii_head, not v.manual
from (
  values
    ('2111', 'Trade payables - micro and small enterprises', '2110', 'payable', 'credit', 'vendor', null, false, true, false, 'operating'),
    ('2112', 'Trade payables - others', '2110', 'payable', 'credit', 'vendor', null, false, true, false, 'operating'),
    ('2113', 'Trade payables - import', '2110', 'payable', 'credit', 'vendor', null, false, true, true, 'operating'),
    ('2114', 'Goods received not invoiced (GRNI)', '2110', 'grni', 'credit', null, null, false, true, false, 'operating'),
    ('2115', 'Landed cost clearing', '2110', 'clearing', 'credit', null, null, false, true, false, 'operating'),
    ('2121', 'Output CGST', '2120', 'gst_output', 'credit', null, 'cgst', false, true, false, 'operating'),
    ('2122', 'Output SGST / UTGST', '2120', 'gst_output', 'credit', null, 'sgst', false, true, false, 'operating'),
    ('2123', 'Output IGST', '2120', 'gst_output', 'credit', null, 'igst', false, true, false, 'operating'),
    ('2124', 'Output compensation cess', '2120', 'gst_output', 'credit', null, 'cess', false, true, false, 'operating'),
    ('2125', 'GST payable under reverse charge', '2120', 'gst_reverse_charge', 'credit', null, null, false, true, false, 'operating'),
    ('2126', 'GST on advances received', '2120', 'gst_output', 'credit', null, null, false, true, false, 'operating'),
    ('2127', 'GST payable - settlement of returns', '2120', 'gst_ledger', 'credit', null, null, true, true, false, 'operating'),
    ('2129', 'Output VAT', '2120', 'vat_output', 'credit', null, 'vat', false, true, false, 'operating'),
    ('2131', 'TDS payable - contractors (194C)', '2130', 'tds_payable', 'credit', null, 'tds', false, true, false, 'operating'),
    ('2132', 'TDS payable - commission (194D, 194H)', '2130', 'tds_payable', 'credit', null, 'tds', false, true, false, 'operating'),
    ('2133', 'TDS payable - rent (194I)', '2130', 'tds_payable', 'credit', null, 'tds', false, true, false, 'operating'),
    ('2134', 'TDS payable - professional and technical fees (194J)', '2130', 'tds_payable', 'credit', null, 'tds', false, true, false, 'operating'),
    ('2135', 'TDS payable - purchase of goods (194Q)', '2130', 'tds_payable', 'credit', null, 'tds', false, true, false, 'operating'),
    ('2136', 'TDS payable - other residents', '2130', 'tds_payable', 'credit', null, 'tds', false, true, false, 'operating'),
    ('2137', 'TDS payable - non-residents (195)', '2130', 'tds_payable', 'credit', null, 'tds', false, true, false, 'operating'),
    ('2138', 'TDS payable - salaries (192)', '2130', 'tds_payable', 'credit', null, 'tds', false, true, false, 'operating'),
    ('2139', 'TCS payable', '2130', 'tcs_payable', 'credit', null, 'tcs', false, true, false, 'operating'),
    ('2141', 'Salaries payable', '2140', 'accrual', 'credit', 'employee', null, true, true, false, 'operating'),
    ('2142', 'PF, ESI, professional tax and welfare fund payable', '2140', 'statutory_due', 'credit', null, null, true, true, false, 'operating'),
    ('2145', 'Provision for bonus, gratuity and leave', '2140', 'provision', 'credit', null, null, true, false, false, 'operating'),
    ('2151', 'Advances from customers', '2150', 'advance_received', 'credit', 'customer', null, false, true, false, 'operating'),
    ('2152', 'Deposits from dealers and franchisees', '2150', 'deposit', 'credit', null, null, true, true, false, 'operating'),
    ('2153', 'Accrued expenses', '2150', 'accrual', 'credit', null, null, true, true, false, 'operating'),
    ('2154', 'Commission and incentives payable', '2150', 'accrual', 'credit', null, null, true, true, false, 'operating'),
    ('2155', 'Deferred revenue - service contracts', '2150', 'accrual', 'credit', null, null, true, true, false, 'operating'),
    ('2156', 'Customer refunds, gift cards and loyalty points', '2150', 'accrual', 'credit', null, null, false, true, false, 'operating'),
    ('2158', 'Provision for income tax', '2150', 'provision', 'credit', null, null, true, false, false, 'operating'),
    ('2161', 'Cash credit, overdraft and credit cards', '2100', 'loan', 'credit', null, null, true, true, false, 'financing'),
    ('2211', 'Term loans', '2200', 'loan', 'credit', null, null, true, true, true, 'financing'),
    ('3101', 'Share capital / owners'' capital', '3100', 'capital', 'credit', null, null, true, false, false, 'financing'),
    ('3102', 'Drawings and dividends', '3100', 'capital', 'debit', null, null, true, false, false, 'financing'),
    ('3202', 'Retained earnings', '3200', 'retained_earnings', 'credit', null, null, false, false, false, 'operating'),
    ('3209', 'Opening balance equity', '3200', 'opening_balance', 'credit', null, null, true, true, false, 'operating')
) as v (code, name, parent, type, side, party, tax, manual, reconcilable, revalued, flow)
join chart_of_accounts as p on p.account_code = v.parent
on conflict (account_code) do nothing;

-- income and expenses
insert into chart_of_accounts (
  account_code, account_name, parent_account_id, level, account_class, account_type, normal_side,
  allows_manual_posting, requires_cost_center, cash_flow_section, schedule_iii_head, is_system
)
select
  v.code, v.name, p.id, p.level + 1, p.account_class, v.type, v.side,
  v.manual, v.cost_center, v.flow, p.schedule_iii_head, not v.manual
from (
  values
    ('4101', 'Sales of goods - domestic', '4100', 'sales', 'credit', false, false, 'operating'),
    ('4102', 'Sales of goods - export and SEZ', '4100', 'sales', 'credit', false, false, 'operating'),
    ('4103', 'Service, installation and AMC income', '4100', 'sales', 'credit', false, false, 'operating'),
    ('4105', 'Freight and handling recovered', '4100', 'sales', 'credit', false, false, 'operating'),
    ('4108', 'Sales returns', '4100', 'sales_deduction', 'debit', false, false, 'operating'),
    ('4109', 'Discounts, schemes and rebates allowed', '4100', 'sales_deduction', 'debit', false, false, 'operating'),
    ('4201', 'Interest and discounts received', '4200', 'other_income', 'credit', true, false, 'investing'),
    ('4203', 'Exchange gain', '4200', 'exchange_difference', 'credit', false, false, 'operating'),
    ('4205', 'Gain or loss on disposal of assets', '4200', 'other_income', 'credit', true, false, 'investing'),
    ('4209', 'Scrap sales, incentives and other income', '4200', 'other_income', 'credit', true, false, 'operating'),
    ('5101', 'Cost of goods sold', '5100', 'cost_of_goods_sold', 'debit', false, false, 'operating'),
    ('5102', 'Purchase price variance', '5100', 'cost_of_goods_sold', 'debit', false, false, 'operating'),
    ('5103', 'Freight, duty and clearing inward', '5100', 'direct_expense', 'debit', true, false, 'operating'),
    ('5104', 'Stock adjustments and write-offs', '5100', 'stock_adjustment', 'debit', false, false, 'operating'),
    ('5201', 'Freight, courier and packing outward', '5200', 'operating_expense', 'debit', true, true, 'operating'),
    ('5203', 'Marketplace fees and gateway charges', '5200', 'operating_expense', 'debit', true, true, 'operating'),
    ('5204', 'Dealer and partner commission', '5200', 'operating_expense', 'debit', true, true, 'operating'),
    ('5205', 'Advertising and promotion', '5200', 'operating_expense', 'debit', true, true, 'operating'),
    ('5207', 'Bad and doubtful debts', '5200', 'operating_expense', 'debit', true, false, 'operating'),
    ('5301', 'Salaries and wages', '5300', 'employee_cost', 'debit', true, true, 'operating'),
    ('5302', 'Employer''s PF, ESI and other contributions', '5300', 'employee_cost', 'debit', true, true, 'operating'),
    ('5303', 'Bonus, gratuity, leave and staff welfare', '5300', 'employee_cost', 'debit', true, true, 'operating'),
    ('5401', 'Rent', '5400', 'operating_expense', 'debit', true, true, 'operating'),
    ('5402', 'Electricity, water and fuel', '5400', 'operating_expense', 'debit', true, true, 'operating'),
    ('5403', 'Telephone, internet and software subscriptions', '5400', 'operating_expense', 'debit', true, true, 'operating'),
    ('5404', 'Travel and conveyance', '5400', 'operating_expense', 'debit', true, true, 'operating'),
    ('5405', 'Legal, professional and audit fees', '5400', 'operating_expense', 'debit', true, true, 'operating'),
    ('5406', 'Repairs and maintenance', '5400', 'operating_expense', 'debit', true, true, 'operating'),
    ('5408', 'Insurance, security, housekeeping and office expenses', '5400', 'operating_expense', 'debit', true, true, 'operating'),
    ('5409', 'Rates, taxes and penalties', '5400', 'operating_expense', 'debit', true, false, 'operating'),
    ('5410', 'GST not creditable', '5400', 'operating_expense', 'debit', true, false, 'operating'),
    ('5419', 'Round-off', '5400', 'round_off', 'debit', false, false, 'operating'),
    ('5501', 'Bank charges', '5500', 'finance_cost', 'debit', true, false, 'operating'),
    ('5502', 'Interest on borrowings and late payments', '5500', 'finance_cost', 'debit', true, false, 'financing'),
    ('5504', 'Exchange loss', '5500', 'exchange_difference', 'debit', false, false, 'operating'),
    ('5601', 'Depreciation and amortisation', '5600', 'depreciation', 'debit', false, false, 'operating'),
    ('5701', 'Income tax, current and deferred', '5700', 'income_tax', 'debit', true, false, 'operating')
) as v (code, name, parent, type, side, manual, cost_center, flow)
join chart_of_accounts as p on p.account_code = v.parent
on conflict (account_code) do nothing;
