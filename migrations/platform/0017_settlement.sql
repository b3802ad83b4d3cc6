-- What settles an invoice beside money: the sections under which tax is withheld, and the reference that makes it one.

create table public.tds_sections (
  code text primary key check (code ~ '^[0-9]{3}[A-Z]{0,2}$'),
  place_2025 text not null unique check (place_2025 <> ''),
  title text not null check (title <> '')
);
comment on table public.tds_sections is
  'Sections of India''s Income-tax Act, 1961 under which customers withhold tax from what they pay, and the place of each in the Act of 2025, in force from 1 April 2026. A settlement line keeps the old code: certificates of both acts mean the same thing by it.';

insert into public.tds_sections (code, place_2025, title) values
  ('194C', '393(1) Sl. 6(i)', 'Contracts'),
  ('194H', '393(1) Sl. 1(ii)', 'Commission and brokerage'),
  ('194I', '393(1) Sl. 2(ii)', 'Rent and hire'),
  ('194J', '393(1) Sl. 6(iii)', 'Professional and technical services, royalty'),
  ('194O', '393(1) Sl. 8(v)', 'Sales through an e-commerce operator'),
  ('194Q', '393(1) Sl. 8(ii)', 'Purchase of goods'),
  ('194R', '393(1) Sl. 8(iv)', 'Benefits and perquisites of business');

alter table public.settlement_lines
  add column reference text check (reference <> ''),
  add constraint settlement_lines_section_fk foreign key (section) references public.tds_sections (code) on delete restrict;
comment on column public.settlement_lines.reference is
  'What the customer or the bank calls it, as on the payment that came with it: recorded again it is the same one.';
create unique index settlement_lines_reference_key on public.settlement_lines (invoice_id, kind, reference) where reference is not null;
create index settlement_lines_section_idx on public.settlement_lines (section);
