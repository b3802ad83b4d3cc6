-- What is bought, stocked and sold: units, brands, the category tree, products with their variants, media and facts, and what a unit costs.
-- Categories decide defaults (tax, valuation, accounts, returns); a product may override them; a variant carries only what differs from its product.

create table units_of_measure (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9]{2,5}$'),
  name text not null unique,
  symbol text not null,
  dimension text not null check (dimension in ('count', 'packaging', 'weight', 'length', 'area', 'volume', 'time', 'energy', 'other')),
  uqc_code text not null default 'OTH' check (uqc_code ~ '^[A-Z]{3}$'),
  unece_code text check (unece_code ~ '^[A-Z0-9]{2,3}$'),
  is_base boolean not null default false,
  factor_to_base numeric(24,12) check (factor_to_base > 0),
  decimals smallint not null default 0 check (decimals between 0 and 6),
  rounding_mode text not null default 'half_up' check (rounding_mode in ('half_up', 'up', 'down')),
  description text,
  is_system boolean not null default false,
  is_active boolean not null default true,
  sort_order integer not null default 100 check (sort_order >= 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint units_of_measure_base_ck check (not is_base or factor_to_base = 1)
);
create unique index units_of_measure_dimension_key on units_of_measure (dimension) where is_base;
create index units_of_measure_active_idx on units_of_measure (is_active, sort_order);
comment on table units_of_measure is 'One unit in which goods are counted, weighed, measured or packed. Conversions that depend on the product (a box of 24) stand in unit_conversions, not here.';
comment on column units_of_measure.code is 'Short code that documents carry as uom_code; the GST UQC where one exists.';
comment on column units_of_measure.uqc_code is 'Unit Quantity Code of the GST returns, e-invoices and e-way bills; OTH where GST has no code of its own.';
comment on column units_of_measure.unece_code is 'UN/ECE Recommendation 20 code for Peppol, customs and EDI; null where the recommendation has none.';
comment on column units_of_measure.factor_to_base is 'How many of the base unit of the dimension one of these is; null where that depends on the product (box, set) or the calendar (month).';

create table brands (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9_-]{2,30}$'),
  name text not null unique,
  slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  description text,
  logo_url text,
  website_url text,
  relationship text not null default 'third_party' check (relationship in ('own', 'licensed', 'third_party', 'unbranded')),
  owner_name text,
  manufacturer_name text,
  manufacturer_address text,
  country_of_origin char(2) check (country_of_origin ~ '^[A-Z]{2}$'),
  trademark_number text,
  trademark_expires_on date,
  authorised_from date,
  authorised_until date,
  default_warranty_months smallint check (default_warranty_months between 0 and 600),
  support_phone text,
  support_email text check (support_email like '%_@_%'),
  meta_title text,
  meta_description text,
  is_featured boolean not null default false,
  display_order integer not null default 100 check (display_order >= 0),
  status text not null default 'active' check (status in ('active', 'inactive', 'archived')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint brands_authorised_ck check (authorised_until >= authorised_from)
);
create index brands_status_idx on brands (status, display_order);
comment on table brands is 'One brand under which products are sold, with its trademark, the authorisation to sell it and the maker named on the label. It is not the vendor the goods are bought from.';
comment on column brands.authorised_until is 'Last day of the brand owner''s letter of authorisation, which marketplaces ask for.';

create table categories (
  id uuid primary key default gen_random_uuid(),
  parent_category_id uuid references categories (id) on delete restrict,
  code text not null unique check (code ~ '^[A-Z0-9_-]{2,30}$'),
  name text not null,
  slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  path text not null unique check (path ~ '^/'),
  depth smallint not null default 0 check (depth between 0 and 10),
  description text,
  image_url text,
  default_hsn_code_id uuid references hsn_codes (id) on delete restrict,
  default_uom_id uuid references units_of_measure (id) on delete restrict,
  default_tracking text not null default 'none' check (default_tracking in ('none', 'batch', 'serial')),
  valuation_method text not null default 'moving_average' check (valuation_method in ('moving_average', 'fifo', 'standard')),
  removal_strategy text not null default 'fifo' check (removal_strategy in ('fifo', 'fefo', 'lifo', 'nearest_bin')),
  inventory_account_id uuid references chart_of_accounts (id) on delete restrict,
  cogs_account_id uuid references chart_of_accounts (id) on delete restrict,
  income_account_id uuid references chart_of_accounts (id) on delete restrict,
  adjustment_account_id uuid references chart_of_accounts (id) on delete restrict,
  is_returnable boolean not null default true,
  return_window_days smallint not null default 7 check (return_window_days between 0 and 365),
  default_warranty_months smallint not null default 0 check (default_warranty_months between 0 and 600),
  is_installation_required boolean not null default false,
  show_in_storefront boolean not null default true,
  meta_title text,
  meta_description text,
  display_order integer not null default 100 check (display_order >= 0),
  status text not null default 'active' check (status in ('active', 'inactive', 'archived')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint categories_sibling_name_key unique nulls not distinct (parent_category_id, name),
  constraint categories_not_own_parent_ck check (parent_category_id <> id),
  constraint categories_depth_parent_ck check ((depth = 0) = (parent_category_id is null))
);
create index categories_default_hsn_code_id_idx on categories (default_hsn_code_id) where default_hsn_code_id is not null;
create index categories_default_uom_id_idx on categories (default_uom_id) where default_uom_id is not null;
create index categories_inventory_account_id_idx on categories (inventory_account_id) where inventory_account_id is not null;
create index categories_cogs_account_id_idx on categories (cogs_account_id) where cogs_account_id is not null;
create index categories_income_account_id_idx on categories (income_account_id) where income_account_id is not null;
create index categories_adjustment_account_id_idx on categories (adjustment_account_id) where adjustment_account_id is not null;
create index categories_status_idx on categories (status, display_order);
comment on table categories is 'One node of the product tree. It groups products for selling and reporting and decides the defaults of a new product: tax code, unit, tracking, valuation and ledger accounts.';
comment on column categories.path is 'Slugs from the root down, as in /appliances/water-purifiers; kept by the application when a node moves.';

create table products (
  id uuid primary key default gen_random_uuid(),
  sku text not null unique check (sku ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{1,49}$'),
  name text not null,
  slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  product_type text not null default 'goods' check (product_type in ('goods', 'spare_part', 'consumable', 'kit', 'raw_material', 'service', 'digital')),
  status text not null default 'draft' check (status in ('draft', 'active', 'on_hold', 'discontinued', 'archived')),
  category_id uuid not null references categories (id) on delete restrict,
  brand_id uuid references brands (id) on delete restrict,
  model_number text,
  short_description text,
  description text,
  gtin text unique check (gtin ~ '^([0-9]{8}|[0-9]{12,14})$'),
  manufacturer_part_number text,
  country_of_origin char(2) check (country_of_origin ~ '^[A-Z]{2}$'),
  preferred_vendor_id uuid references vendors (id) on delete set null,
  base_uom_id uuid not null references units_of_measure (id) on delete restrict,
  purchase_uom_id uuid references units_of_measure (id) on delete restrict,
  sales_uom_id uuid references units_of_measure (id) on delete restrict,
  hsn_code_id uuid references hsn_codes (id) on delete restrict,
  gst_treatment text not null default 'taxable' check (gst_treatment in ('taxable', 'nil_rated', 'exempt', 'zero_rated', 'non_gst')),
  gst_rate_override numeric(7,4) check (gst_rate_override between 0 and 100),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  mrp numeric(21,9) check (mrp > 0),
  selling_price numeric(21,9) check (selling_price >= 0),
  minimum_selling_price numeric(21,9) check (minimum_selling_price >= 0),
  standard_cost numeric(21,9) check (standard_cost >= 0),
  price_includes_tax boolean not null default true,
  has_variants boolean not null default false,
  is_stocked boolean not null default true,
  is_purchasable boolean not null default true,
  is_sellable boolean not null default true,
  tracking text not null default 'none' check (tracking in ('none', 'batch', 'serial')),
  shelf_life_days integer check (shelf_life_days > 0),
  purchase_lead_time_days smallint not null default 0 check (purchase_lead_time_days >= 0),
  minimum_order_quantity numeric(19,6) not null default 1 check (minimum_order_quantity > 0),
  order_multiple_quantity numeric(19,6) not null default 1 check (order_multiple_quantity > 0),
  net_content_quantity numeric(19,6) check (net_content_quantity > 0),
  net_content_uom_id uuid references units_of_measure (id) on delete restrict,
  net_weight_kg numeric(14,4) check (net_weight_kg >= 0),
  gross_weight_kg numeric(14,4) check (gross_weight_kg >= 0),
  length_cm numeric(12,3) check (length_cm > 0),
  width_cm numeric(12,3) check (width_cm > 0),
  height_cm numeric(12,3) check (height_cm > 0),
  is_fragile boolean not null default false,
  hazard_class text check (hazard_class ~ '^[1-9](\.[1-6][A-Z]?)?$'),
  is_returnable boolean not null default true,
  warranty_months smallint not null default 0 check (warranty_months between 0 and 600),
  is_installation_required boolean not null default false,
  meta_title text,
  meta_description text,
  launched_on date,
  discontinued_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint products_mrp_ck check (mrp is null or not price_includes_tax or selling_price <= mrp),
  constraint products_floor_price_ck check (minimum_selling_price <= selling_price),
  constraint products_weight_ck check (net_weight_kg <= gross_weight_kg),
  constraint products_net_content_ck check ((net_content_quantity is null) = (net_content_uom_id is null)),
  constraint products_untracked_ck check (is_stocked or tracking = 'none'),
  constraint products_intangible_ck check (product_type not in ('service', 'digital') or not is_stocked),
  constraint products_discontinued_ck check (discontinued_on >= launched_on)
);
create index products_category_id_idx on products (category_id, status);
create index products_brand_id_idx on products (brand_id, status);
create index products_status_idx on products (status, name);
create index products_preferred_vendor_id_idx on products (preferred_vendor_id) where preferred_vendor_id is not null;
create index products_base_uom_id_idx on products (base_uom_id);
create index products_purchase_uom_id_idx on products (purchase_uom_id) where purchase_uom_id is not null;
create index products_sales_uom_id_idx on products (sales_uom_id) where sales_uom_id is not null;
create index products_net_content_uom_id_idx on products (net_content_uom_id) where net_content_uom_id is not null;
create index products_hsn_code_id_idx on products (hsn_code_id) where hsn_code_id is not null;
create index products_part_number_idx on products (manufacturer_part_number) where manufacturer_part_number is not null;
comment on table products is 'One article or service as the business knows it: what it is, how it is taxed, priced, tracked, packed and supported. Sizes and colours are product_variants; stock stands in stock_items and inventory_summary.';
comment on column products.gst_rate_override is 'GST rate in percent where this product departs from the rate of its HSN or SAC code; normally null.';
comment on column products.mrp is 'Maximum retail price printed on the pack, all taxes included; no sale in India may exceed it.';
comment on column products.purchase_uom_id is 'Unit it is ordered in, where that is not the base unit; the factor stands in unit_conversions.';
comment on column products.minimum_order_quantity is 'Least quantity to order from a vendor, in the base unit.';
comment on column products.net_content_quantity is 'Net content declared on the pack (500 ML), as the Legal Metrology rules ask.';
comment on column products.hazard_class is 'UN class of dangerous goods, as in 3 or 2.1; null when harmless.';

create table product_variants (
  id uuid primary key default gen_random_uuid(),
  product_id uuid not null references products (id) on delete cascade,
  sku text not null unique check (sku ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{1,49}$'),
  name text not null,
  option_values jsonb not null check (jsonb_typeof(option_values) = 'object' and option_values <> '{}'),
  gtin text unique check (gtin ~ '^([0-9]{8}|[0-9]{12,14})$'),
  manufacturer_part_number text,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  mrp numeric(21,9) check (mrp > 0),
  selling_price numeric(21,9) check (selling_price >= 0),
  minimum_selling_price numeric(21,9) check (minimum_selling_price >= 0),
  standard_cost numeric(21,9) check (standard_cost >= 0),
  net_weight_kg numeric(14,4) check (net_weight_kg >= 0),
  gross_weight_kg numeric(14,4) check (gross_weight_kg >= 0),
  length_cm numeric(12,3) check (length_cm > 0),
  width_cm numeric(12,3) check (width_cm > 0),
  height_cm numeric(12,3) check (height_cm > 0),
  is_default boolean not null default false,
  position integer not null default 1 check (position > 0),
  status text not null default 'active' check (status in ('draft', 'active', 'discontinued', 'archived')),
  discontinued_on date,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint product_variants_options_key unique (product_id, option_values),
  constraint product_variants_floor_price_ck check (minimum_selling_price <= selling_price),
  constraint product_variants_weight_ck check (net_weight_kg <= gross_weight_kg),
  constraint product_variants_discontinued_ck check (discontinued_on is null or status in ('discontinued', 'archived'))
);
create unique index product_variants_default_key on product_variants (product_id) where is_default;
create index product_variants_status_idx on product_variants (status, product_id);
comment on table product_variants is 'One sellable version of a product, such as a colour and a size, with its own SKU and barcode. Prices, weights and sizes left null are those of the product.';
comment on column product_variants.option_values is 'What sets this variant apart, one key per option: {"colour": "black", "capacity": "10 L"}.';

create table product_images (
  id uuid primary key default gen_random_uuid(),
  product_id uuid not null references products (id) on delete cascade,
  product_variant_id uuid references product_variants (id) on delete cascade,
  role text not null default 'gallery' check (role in ('main', 'gallery', 'swatch', 'lifestyle', 'dimensions', 'packaging', 'label', 'video')),
  url text not null,
  thumbnail_url text,
  storage_key text unique,
  alt_text text not null,
  caption text,
  mime_type text not null check (mime_type ~ '^(image|video)/[a-z0-9.+-]+$'),
  width_px integer check (width_px > 0),
  height_px integer check (height_px > 0),
  size_bytes bigint check (size_bytes > 0),
  checksum_sha256 text check (checksum_sha256 ~ '^[0-9a-f]{64}$'),
  position integer not null default 1 check (position > 0),
  is_primary boolean not null default false,
  status text not null default 'ready' check (status in ('processing', 'ready', 'rejected', 'hidden')),
  rejection_reason text,
  uploaded_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint product_images_rejection_ck check (status <> 'rejected' or rejection_reason is not null)
);
create unique index product_images_primary_key on product_images (product_id, product_variant_id) nulls not distinct where is_primary;
create unique index product_images_checksum_key on product_images (product_id, product_variant_id, checksum_sha256) nulls not distinct where checksum_sha256 is not null;
create index product_images_position_idx on product_images (product_id, position);
create index product_images_product_variant_id_idx on product_images (product_variant_id) where product_variant_id is not null;
create index product_images_uploaded_by_idx on product_images (uploaded_by) where uploaded_by is not null;
comment on table product_images is 'One picture or video of a product, or of one variant of it, as the storefront and marketplaces show it. Manuals and certificates are product_documents.';

create table product_documents (
  id uuid primary key default gen_random_uuid(),
  product_id uuid not null references products (id) on delete cascade,
  document_type text not null
    check (document_type in ('user_manual', 'installation_guide', 'datasheet', 'brochure', 'warranty_card', 'certificate', 'test_report', 'safety_data_sheet', 'drawing', 'declaration', 'other')),
  title text not null,
  document_number text,
  version text not null default '1.0',
  language_code text not null default 'en' check (language_code ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  issuing_authority text,
  issued_on date,
  valid_until date,
  supersedes_document_id uuid references product_documents (id) on delete set null,
  file_name text not null,
  storage_key text not null unique,
  mime_type text not null check (mime_type ~ '^[a-z]+/[A-Za-z0-9.+-]+$'),
  size_bytes bigint not null check (size_bytes > 0),
  checksum_sha256 text not null check (checksum_sha256 ~ '^[0-9a-f]{64}$'),
  visibility text not null default 'internal' check (visibility in ('internal', 'service', 'dealers', 'public')),
  status text not null default 'draft' check (status in ('draft', 'published', 'superseded', 'withdrawn')),
  published_at timestamptz,
  uploaded_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint product_documents_version_key unique nulls not distinct (product_id, document_type, document_number, language_code, title, version),
  constraint product_documents_validity_ck check (valid_until >= issued_on),
  constraint product_documents_supersedes_ck check (supersedes_document_id <> id),
  constraint product_documents_published_ck check (status <> 'published' or published_at is not null)
);
create index product_documents_supersedes_idx on product_documents (supersedes_document_id) where supersedes_document_id is not null;
create index product_documents_expiry_idx on product_documents (valid_until) where valid_until is not null and status = 'published';
create index product_documents_uploaded_by_idx on product_documents (uploaded_by) where uploaded_by is not null;
comment on table product_documents is 'One file about a product: manual, datasheet, or a certificate such as BIS, CE or FSSAI with its number and expiry. Pictures are product_images.';

create table product_specifications (
  id uuid primary key default gen_random_uuid(),
  product_id uuid not null references products (id) on delete cascade,
  product_variant_id uuid references product_variants (id) on delete cascade,
  group_name text not null default 'General',
  attribute_code text not null check (attribute_code ~ '^[a-z][a-z0-9_]*$'),
  label text not null,
  language_code text not null default 'en' check (language_code ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  value_type text not null default 'text' check (value_type in ('text', 'number', 'range', 'boolean', 'date')),
  value_text text,
  value_number numeric(24,8),
  value_number_to numeric(24,8),
  value_boolean boolean,
  value_date date,
  unit_symbol text,
  test_standard text,
  is_key_feature boolean not null default false,
  is_filterable boolean not null default false,
  is_comparable boolean not null default true,
  is_public boolean not null default true,
  position integer not null default 1 check (position > 0),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint product_specifications_attribute_key unique nulls not distinct (product_id, product_variant_id, attribute_code, language_code),
  constraint product_specifications_one_value_ck check (
    num_nonnulls(value_text, value_number, value_boolean, value_date) = 1
    and case value_type
      when 'text' then value_text is not null
      when 'boolean' then value_boolean is not null
      when 'date' then value_date is not null
      else value_number is not null
    end
  ),
  constraint product_specifications_range_ck check (
    case when value_type = 'range' then value_number_to is not null and value_number_to >= value_number else value_number_to is null end
  )
);
create index product_specifications_variant_idx on product_specifications (product_variant_id) where product_variant_id is not null;
create index product_specifications_filter_idx on product_specifications (attribute_code, value_text, value_number) where is_filterable;
comment on table product_specifications is 'One technical fact of a product, or of one variant, such as its rated power or tank capacity, typed so that it can be filtered and compared. Dimensions and weights for shipping stand on the product itself.';
comment on column product_specifications.test_standard is 'Standard by which the value was measured, as in IS 16240 or IEC 60335.';

create table product_costs (
  id uuid primary key default gen_random_uuid(),
  product_id uuid not null references products (id) on delete restrict,
  product_variant_id uuid references product_variants (id) on delete restrict,
  warehouse_id uuid references warehouses (id) on delete restrict,
  goods_receipt_note_id uuid references goods_receipt_notes (id) on delete restrict,
  cost_source text not null check (cost_source in ('opening', 'goods_receipt', 'landed_cost', 'standard_cost', 'revaluation', 'assembly')),
  valuation_method text not null check (valuation_method in ('moving_average', 'fifo', 'standard')),
  effective_from timestamptz not null,
  effective_until timestamptz,
  uom_id uuid not null references units_of_measure (id) on delete restrict,
  quantity_before numeric(19,6) not null default 0,
  received_quantity numeric(19,6) not null default 0 check (received_quantity >= 0),
  quantity_after numeric(19,6) not null,
  vendor_currency_code char(3) not null default 'INR' check (vendor_currency_code ~ '^[A-Z]{3}$'),
  vendor_unit_price numeric(21,9) check (vendor_unit_price >= 0),
  exchange_rate numeric(21,9) not null default 1 check (exchange_rate > 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  purchase_unit_cost numeric(21,9) not null default 0 check (purchase_unit_cost >= 0),
  freight_unit_cost numeric(21,9) not null default 0 check (freight_unit_cost >= 0),
  duty_unit_cost numeric(21,9) not null default 0 check (duty_unit_cost >= 0),
  blocked_tax_unit_cost numeric(21,9) not null default 0 check (blocked_tax_unit_cost >= 0),
  other_landed_unit_cost numeric(21,9) not null default 0 check (other_landed_unit_cost >= 0),
  landed_unit_cost numeric(21,9) not null default 0,
  previous_unit_cost numeric(21,9) check (previous_unit_cost >= 0),
  unit_cost numeric(21,9) not null check (unit_cost >= 0),
  stock_value_amount numeric(19,4) not null default 0,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint product_costs_effective_key unique nulls not distinct (product_id, product_variant_id, warehouse_id, effective_from),
  constraint product_costs_period_ck check (effective_until > effective_from),
  constraint product_costs_quantity_ck check (quantity_after = quantity_before + received_quantity),
  constraint product_costs_landed_ck check (
    landed_unit_cost = purchase_unit_cost + freight_unit_cost + duty_unit_cost + blocked_tax_unit_cost + other_landed_unit_cost
  ),
  constraint product_costs_source_ck check (cost_source <> 'goods_receipt' or goods_receipt_note_id is not null)
);
create unique index product_costs_current_key on product_costs (product_id, product_variant_id, warehouse_id) nulls not distinct where effective_until is null;
create index product_costs_product_variant_id_idx on product_costs (product_variant_id) where product_variant_id is not null;
create index product_costs_warehouse_id_idx on product_costs (warehouse_id, effective_from) where warehouse_id is not null;
create index product_costs_goods_receipt_note_id_idx on product_costs (goods_receipt_note_id) where goods_receipt_note_id is not null;
create index product_costs_uom_id_idx on product_costs (uom_id);
comment on table product_costs is 'What one base unit of a product costs from a moment on, at one warehouse or (null) everywhere, and how a receipt or revaluation led to it. A new cost closes the old row; the rows are the cost history, not a price list.';
comment on column product_costs.blocked_tax_unit_cost is 'GST and cess per unit that cannot be taken as input credit and so belongs to the cost of the goods.';
comment on column product_costs.landed_unit_cost is 'Cost of the goods received with this row, all charges included; unit_cost is what results for all stock under the valuation method.';

create table unit_conversions (
  id uuid primary key default gen_random_uuid(),
  product_id uuid references products (id) on delete cascade,
  from_uom_id uuid not null references units_of_measure (id) on delete restrict,
  to_uom_id uuid not null references units_of_measure (id) on delete restrict,
  from_quantity numeric(19,6) not null default 1 check (from_quantity > 0),
  to_quantity numeric(19,6) not null check (to_quantity > 0),
  packaging_level text not null default 'none' check (packaging_level in ('none', 'inner', 'case', 'layer', 'pallet')),
  gtin text unique check (gtin ~ '^([0-9]{8}|[0-9]{12,14})$'),
  gross_weight_kg numeric(14,4) check (gross_weight_kg > 0),
  length_cm numeric(12,3) check (length_cm > 0),
  width_cm numeric(12,3) check (width_cm > 0),
  height_cm numeric(12,3) check (height_cm > 0),
  is_purchasable boolean not null default true,
  is_sellable boolean not null default true,
  is_breakable boolean not null default true,
  is_active boolean not null default true,
  remarks text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint unit_conversions_pair_key unique nulls not distinct (product_id, from_uom_id, to_uom_id),
  constraint unit_conversions_units_ck check (from_uom_id <> to_uom_id),
  constraint unit_conversions_packaging_ck check (product_id is not null or (packaging_level = 'none' and gtin is null))
);
create index unit_conversions_from_uom_id_idx on unit_conversions (from_uom_id);
create index unit_conversions_to_uom_id_idx on unit_conversions (to_uom_id);
comment on table unit_conversions is 'How many of one unit make how many of another, for one product (1 BOX = 24 NOS, with the barcode and size of the box) or, without a product, for all. Kept as two quantities so that odd ratios stay exact.';
comment on column unit_conversions.is_breakable is 'Whether the pack may be opened to sell or issue less than the whole.';
