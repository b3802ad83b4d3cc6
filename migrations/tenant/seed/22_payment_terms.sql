-- The usual terms of payment. NET_30 is the default of customers and vendors that have none of their own.

insert into payment_terms (term_code, term_name, description, applies_to, due_basis, net_days, is_msme_compliant, is_default, sort_order)
values
  ('IMMEDIATE', 'Immediate', 'Due on the date of the invoice.', 'both', 'invoice_date', 0, true, false, 10),
  ('NET_7', 'Net 7 days', 'Due 7 days after the invoice.', 'both', 'invoice_date', 7, true, false, 20),
  ('NET_15', 'Net 15 days', 'Due 15 days after the invoice; the limit for micro and small suppliers without a written agreement.', 'both', 'invoice_date', 15, true, false, 30),
  ('NET_30', 'Net 30 days', 'Due 30 days after the invoice.', 'both', 'invoice_date', 30, true, true, 40),
  ('NET_45', 'Net 45 days', 'Due 45 days after the invoice.', 'both', 'invoice_date', 45, true, false, 50),
  ('NET_60', 'Net 60 days', 'Due 60 days after the invoice.', 'both', 'invoice_date', 60, false, false, 60),
  ('NET_90', 'Net 90 days', 'Due 90 days after the invoice.', 'both', 'invoice_date', 90, false, false, 70),
  ('EOM', 'End of month', 'Due on the last day of the month of the invoice.', 'both', 'end_of_month', 0, false, false, 80),
  ('EOM_30', 'End of month plus 30 days', 'Due 30 days after the end of the month of the invoice.', 'both', 'end_of_month', 30, false, false, 90),
  ('DELIVERY_30', '30 days from delivery', 'Due 30 days after delivery at the buyer''s place.', 'both', 'delivery_date', 30, true, false, 100),
  ('MSME_45', 'MSME 45 days from acceptance', 'Due 45 days after acceptance: the longest the MSMED Act allows for micro and small suppliers.', 'purchase', 'acceptance_date', 45, true, false, 110)
on conflict (term_code) do nothing;

insert into payment_terms (
  term_code, term_name, description, applies_to, due_basis, net_days, due_day_of_month, advance_percent, on_dispatch_percent,
  on_due_date_percent, retention_percent, retention_days, early_discount_percent, early_discount_days, instrument, sort_order
)
values
  ('ADVANCE_100', '100% advance', 'Paid in full with the order.', 'both', 'order_date', 0, null, 100, 0, 0, 0, 0, 0, 0, 'any', 200),
  ('ADVANCE_50_DISPATCH', '50% advance, 50% before dispatch', 'Half with the order, half before the goods leave.', 'both', 'order_date', 0, null, 50, 50, 0, 0, 0, 0, 0, 'any', 210),
  ('ADVANCE_50_NET_30', '50% advance, 50% in 30 days', 'Half with the order, half 30 days after the invoice.', 'both', 'invoice_date', 30, null, 50, 0, 50, 0, 0, 0, 0, 'any', 220),
  ('ADVANCE_30_DISPATCH_60', '30% advance, 60% on dispatch, 10% on acceptance', 'Usual for machinery and projects.', 'both', 'acceptance_date', 0, null, 30, 60, 10, 0, 0, 0, 0, 'any', 230),
  ('RETENTION_10', '90% in 30 days, 10% retention', 'Ten percent is held back for a year of guarantee.', 'both', 'invoice_date', 30, null, 0, 0, 90, 10, 365, 0, 0, 'any', 240),
  ('2_10_NET_30', '2% 10 days, net 30', 'Two percent off if paid within 10 days, otherwise due in 30.', 'both', 'invoice_date', 30, null, 0, 0, 100, 0, 0, 2, 10, 'any', 250),
  ('EOM_DAY_10', '10th of the following month', 'All invoices of a month fall due on the 10th of the next.', 'both', 'end_of_month', 0, 10, 0, 0, 100, 0, 0, 0, 0, 'any', 260),
  ('COD', 'Cash on delivery', 'Paid to the courier or driver on delivery.', 'sales', 'delivery_date', 0, null, 0, 0, 100, 0, 0, 0, 0, 'cash_on_delivery', 270),
  ('PDC_30', 'Post-dated cheque 30 days', 'Cheque handed over with delivery, dated 30 days after the invoice.', 'both', 'invoice_date', 30, null, 0, 0, 100, 0, 0, 0, 0, 'post_dated_cheque', 280),
  ('LC_SIGHT', 'Letter of credit at sight', 'Paid by the bank against conforming documents.', 'both', 'shipment_date', 0, null, 0, 0, 100, 0, 0, 0, 0, 'letter_of_credit', 290),
  ('LC_90', 'Letter of credit 90 days', 'Usance letter of credit, 90 days from the bill of lading.', 'both', 'shipment_date', 90, null, 0, 0, 100, 0, 0, 0, 0, 'letter_of_credit', 300),
  ('DP_SIGHT', 'Documents against payment', 'The bank hands out the shipping documents against payment.', 'both', 'shipment_date', 0, null, 0, 0, 100, 0, 0, 0, 0, 'documents_against_payment', 310)
on conflict (term_code) do nothing;
