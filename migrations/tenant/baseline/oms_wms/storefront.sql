-- storefront: what the tenant's own shop shows and collects: pages, banners, menus, coupons, carts, wishlists, questions and reviews.
-- Content is edited as drafts and published; what customers write is shown only after moderation.

create table cms_pages (
  id uuid primary key default gen_random_uuid(),
  sales_channel_id uuid references sales_channels (id) on delete cascade,
  slug text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*(/[a-z0-9]+(-[a-z0-9]+)*)*$'),
  locale text not null default 'en-IN' check (locale ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  title text not null check (length(trim(title)) > 0),
  page_type text not null default 'content' check (page_type in ('home', 'content', 'landing', 'policy', 'legal', 'blog', 'help', 'contact')),
  template text not null default 'default',
  status text not null default 'draft' check (status in ('draft', 'in_review', 'scheduled', 'published', 'archived')),
  published_version integer check (published_version > 0),
  excerpt text,
  body_html text not null default '',
  hero_image_url text check (hero_image_url ~ '^(https?://|/)'),
  meta_title text check (length(meta_title) <= 120),
  meta_description text check (length(meta_description) <= 320),
  canonical_url text check (canonical_url ~ '^https?://'),
  social_image_url text check (social_image_url ~ '^(https?://|/)'),
  is_indexable boolean not null default true,
  is_in_sitemap boolean not null default true,
  audience text not null default 'everyone' check (audience in ('everyone', 'guests', 'customers', 'dealers')),
  publish_at timestamptz,
  published_at timestamptz,
  published_by uuid references users (id) on delete set null,
  archived_at timestamptz,
  created_by uuid references users (id) on delete set null,
  updated_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint cms_pages_slug_key unique nulls not distinct (sales_channel_id, slug, locale),
  constraint cms_pages_published_ck check (status <> 'published' or (published_at is not null and published_version is not null)),
  constraint cms_pages_scheduled_ck check (status <> 'scheduled' or publish_at is not null),
  constraint cms_pages_sitemap_ck check (is_indexable or not is_in_sitemap)
);
create index cms_pages_status_publish_at_idx on cms_pages (status, publish_at);
create index cms_pages_page_type_status_idx on cms_pages (page_type, status);
create index cms_pages_published_by_idx on cms_pages (published_by);
create index cms_pages_created_by_idx on cms_pages (created_by);
create index cms_pages_updated_by_idx on cms_pages (updated_by);
comment on table cms_pages is 'A page of the shop in one language, with the text now in force and its search-engine details. Earlier and pending texts are in cms_page_versions.';
comment on column cms_pages.sales_channel_id is 'Null: the page serves every storefront of the tenant.';

create table cms_page_versions (
  id uuid primary key default gen_random_uuid(),
  cms_page_id uuid not null references cms_pages (id) on delete cascade,
  version_number integer not null check (version_number > 0),
  status text not null default 'draft' check (status in ('draft', 'submitted', 'approved', 'published', 'superseded', 'rejected')),
  title text not null,
  body_html text not null,
  excerpt text,
  meta_title text,
  meta_description text,
  change_summary text,
  is_legal_change boolean not null default false,
  effective_from date,
  content_sha256 text check (content_sha256 ~ '^[0-9a-f]{64}$'),
  submitted_at timestamptz,
  reviewed_by uuid references users (id) on delete set null,
  reviewed_at timestamptz,
  review_note text,
  published_at timestamptz,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint cms_page_versions_number_key unique (cms_page_id, version_number),
  constraint cms_page_versions_published_ck check (status not in ('published', 'superseded') or published_at is not null),
  constraint cms_page_versions_rejected_ck check (status <> 'rejected' or review_note is not null)
);
create unique index cms_page_versions_one_published_key on cms_page_versions (cms_page_id) where status = 'published';
create index cms_page_versions_status_submitted_idx on cms_page_versions (status, submitted_at);
create index cms_page_versions_reviewed_by_idx on cms_page_versions (reviewed_by);
create index cms_page_versions_created_by_idx on cms_page_versions (created_by);
comment on table cms_page_versions is 'One saved wording of a shop page, from draft to superseded. It proves which terms or privacy text stood on a given day.';

create table cms_banners (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9_-]{1,59}$'),
  sales_channel_id uuid references sales_channels (id) on delete cascade,
  category_id uuid references categories (id) on delete set null,
  placement text not null check (placement in ('home_hero', 'home_strip', 'category_top', 'product_side', 'cart', 'checkout', 'popup', 'app_splash')),
  locale text not null default 'en-IN' check (locale ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  headline text not null,
  subheading text,
  image_url text not null check (image_url ~ '^(https?://|/)'),
  mobile_image_url text check (mobile_image_url ~ '^(https?://|/)'),
  alt_text text not null,
  link_url text check (link_url ~ '^(https?://|/)'),
  button_label text,
  audience text not null default 'everyone' check (audience in ('everyone', 'guests', 'customers', 'dealers')),
  status text not null default 'draft' check (status in ('draft', 'scheduled', 'live', 'paused', 'ended')),
  display_order smallint not null default 0 check (display_order >= 0),
  starts_at timestamptz not null default now(),
  ends_at timestamptz,
  impression_count bigint not null default 0 check (impression_count >= 0),
  click_count bigint not null default 0 check (click_count >= 0),
  created_by uuid references users (id) on delete set null,
  updated_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint cms_banners_period_ck check (ends_at > starts_at),
  constraint cms_banners_button_ck check (button_label is null or link_url is not null)
);
create index cms_banners_placement_status_idx on cms_banners (placement, status, display_order);
create index cms_banners_sales_channel_id_idx on cms_banners (sales_channel_id);
create index cms_banners_category_id_idx on cms_banners (category_id);
create index cms_banners_created_by_idx on cms_banners (created_by);
create index cms_banners_updated_by_idx on cms_banners (updated_by);
comment on table cms_banners is 'A picture with a message shown at one place of the shop for a period, and how often it was seen and clicked. The discount it may advertise is a coupon or promotion of its own.';

create table cms_menu_items (
  id uuid primary key default gen_random_uuid(),
  parent_id uuid references cms_menu_items (id) on delete cascade,
  sales_channel_id uuid references sales_channels (id) on delete cascade,
  menu_code text not null check (menu_code in ('header', 'footer', 'mobile', 'account', 'help', 'legal')),
  locale text not null default 'en-IN' check (locale ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  label text not null check (length(trim(label)) > 0),
  target_type text not null check (target_type in ('heading', 'page', 'category', 'brand', 'product', 'url')),
  cms_page_id uuid references cms_pages (id) on delete cascade,
  category_id uuid references categories (id) on delete cascade,
  brand_id uuid references brands (id) on delete cascade,
  product_id uuid references products (id) on delete cascade,
  url text check (url ~ '^(https?://|/|mailto:|tel:)'),
  position smallint not null default 0 check (position >= 0),
  icon text,
  badge_text text check (length(badge_text) <= 20),
  audience text not null default 'everyone' check (audience in ('everyone', 'guests', 'customers', 'dealers')),
  opens_in_new_tab boolean not null default false,
  is_active boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint cms_menu_items_parent_ck check (parent_id <> id),
  constraint cms_menu_items_target_ck check ((target_type = 'page') = (cms_page_id is not null) and (target_type = 'category') = (category_id is not null) and (target_type = 'brand') = (brand_id is not null) and (target_type = 'product') = (product_id is not null) and (target_type = 'url') = (url is not null)),
  constraint cms_menu_items_label_key unique nulls not distinct (sales_channel_id, menu_code, locale, parent_id, label)
);
create index cms_menu_items_parent_position_idx on cms_menu_items (parent_id, position);
create index cms_menu_items_menu_position_idx on cms_menu_items (menu_code, locale, position) where is_active;
create index cms_menu_items_cms_page_id_idx on cms_menu_items (cms_page_id);
create index cms_menu_items_category_id_idx on cms_menu_items (category_id);
create index cms_menu_items_brand_id_idx on cms_menu_items (brand_id);
create index cms_menu_items_product_id_idx on cms_menu_items (product_id);
comment on table cms_menu_items is 'An entry of one of the shop''s menus, leading to a page, category, brand, product or address; entries nest under their parent.';

create table cms_faq_categories (
  id uuid primary key default gen_random_uuid(),
  parent_id uuid references cms_faq_categories (id) on delete restrict,
  sales_channel_id uuid references sales_channels (id) on delete cascade,
  slug text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  locale text not null default 'en-IN' check (locale ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  name text not null check (length(trim(name)) > 0),
  description text,
  topic text not null default 'general' check (topic in ('general', 'ordering', 'payment', 'delivery', 'returns', 'warranty', 'installation', 'account', 'dealers')),
  icon text,
  position smallint not null default 0 check (position >= 0),
  audience text not null default 'everyone' check (audience in ('everyone', 'guests', 'customers', 'dealers')),
  is_published boolean not null default false,
  meta_title text check (length(meta_title) <= 120),
  meta_description text check (length(meta_description) <= 320),
  support_email text check (support_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  created_by uuid references users (id) on delete set null,
  updated_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint cms_faq_categories_slug_key unique nulls not distinct (sales_channel_id, slug, locale),
  constraint cms_faq_categories_parent_ck check (parent_id <> id)
);
create index cms_faq_categories_parent_id_idx on cms_faq_categories (parent_id);
create index cms_faq_categories_topic_position_idx on cms_faq_categories (topic, position) where is_published;
create index cms_faq_categories_created_by_idx on cms_faq_categories (created_by);
create index cms_faq_categories_updated_by_idx on cms_faq_categories (updated_by);
comment on table cms_faq_categories is 'A heading of the shop''s help centre under which questions are grouped; unrelated to the product categories.';
comment on column cms_faq_categories.support_email is 'Where a visitor who finds no answer under this heading is sent.';

create table cms_faq_items (
  id uuid primary key default gen_random_uuid(),
  cms_faq_category_id uuid not null references cms_faq_categories (id) on delete cascade,
  slug text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  locale text not null default 'en-IN' check (locale ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  question text not null check (length(trim(question)) > 0),
  answer_html text not null,
  search_keywords text[] not null default '{}',
  product_id uuid references products (id) on delete set null,
  status text not null default 'draft' check (status in ('draft', 'published', 'archived')),
  position smallint not null default 0 check (position >= 0),
  is_featured boolean not null default false,
  view_count bigint not null default 0 check (view_count >= 0),
  helpful_count integer not null default 0 check (helpful_count >= 0),
  unhelpful_count integer not null default 0 check (unhelpful_count >= 0),
  published_at timestamptz,
  review_due_on date,
  created_by uuid references users (id) on delete set null,
  updated_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint cms_faq_items_slug_key unique (cms_faq_category_id, slug, locale),
  constraint cms_faq_items_published_ck check (status <> 'published' or published_at is not null)
);
create index cms_faq_items_category_position_idx on cms_faq_items (cms_faq_category_id, status, position);
create index cms_faq_items_status_review_due_idx on cms_faq_items (status, review_due_on);
create index cms_faq_items_product_id_idx on cms_faq_items (product_id);
create index cms_faq_items_created_by_idx on cms_faq_items (created_by);
create index cms_faq_items_updated_by_idx on cms_faq_items (updated_by);
comment on table cms_faq_items is 'A question and answer written by the tenant for the help centre. Questions asked by shoppers about a product are product_questions.';

create table coupons (
  id uuid primary key default gen_random_uuid(),
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]{2,29}$'),
  name text not null,
  terms text,
  status text not null default 'draft' check (status in ('draft', 'active', 'paused', 'exhausted', 'expired')),
  discount_type text not null check (discount_type in ('percent', 'amount', 'free_shipping', 'free_product')),
  discount_percent numeric(9,6) check (discount_percent > 0 and discount_percent <= 100),
  discount_amount numeric(19,4) check (discount_amount > 0),
  max_discount_amount numeric(19,4) check (max_discount_amount > 0),
  free_product_id uuid references products (id) on delete restrict,
  min_order_amount numeric(19,4) not null default 0 check (min_order_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  applies_to text not null default 'order' check (applies_to in ('order', 'category', 'brand', 'product')),
  category_id uuid references categories (id) on delete restrict,
  brand_id uuid references brands (id) on delete restrict,
  product_id uuid references products (id) on delete restrict,
  sales_channel_id uuid references sales_channels (id) on delete restrict,
  customer_scope text not null default 'all' check (customer_scope in ('all', 'new_customers', 'returning_customers', 'single_customer', 'dealers')),
  customer_id uuid references customers (id) on delete cascade,
  payment_mode text check (payment_mode in ('prepaid', 'cod', 'credit')),
  usage_limit integer check (usage_limit > 0),
  usage_limit_per_customer integer not null default 1 check (usage_limit_per_customer > 0),
  used_count integer not null default 0 check (used_count >= 0),
  is_stackable boolean not null default false,
  is_public boolean not null default false,
  valid_from timestamptz not null default now(),
  valid_until timestamptz,
  created_by uuid references users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint coupons_discount_ck check (case discount_type when 'percent' then discount_percent is not null and discount_amount is null when 'amount' then discount_amount is not null and discount_percent is null else discount_percent is null and discount_amount is null end),
  constraint coupons_free_product_ck check ((discount_type = 'free_product') = (free_product_id is not null)),
  constraint coupons_applies_to_ck check ((applies_to = 'category') = (category_id is not null) and (applies_to = 'brand') = (brand_id is not null) and (applies_to = 'product') = (product_id is not null)),
  constraint coupons_customer_ck check ((customer_scope = 'single_customer') = (customer_id is not null)),
  constraint coupons_usage_ck check (used_count <= usage_limit),
  constraint coupons_period_ck check (valid_until > valid_from)
);
create index coupons_status_valid_from_idx on coupons (status, valid_from, valid_until);
create index coupons_free_product_id_idx on coupons (free_product_id);
create index coupons_category_id_idx on coupons (category_id);
create index coupons_brand_id_idx on coupons (brand_id);
create index coupons_product_id_idx on coupons (product_id);
create index coupons_sales_channel_id_idx on coupons (sales_channel_id);
create index coupons_customer_id_idx on coupons (customer_id);
create index coupons_created_by_idx on coupons (created_by);
comment on table coupons is 'A code a shopper types at checkout for a discount, with its conditions and limits. Discounts that apply without a code are promotions; each redemption is a row of coupon_usage.';
comment on column coupons.max_discount_amount is 'Ceiling for a percentage discount.';
comment on column coupons.is_public is 'Listed in the shop''s offers; otherwise only those told the code can use it.';

create table coupon_usage (
  id uuid primary key default gen_random_uuid(),
  coupon_id uuid not null references coupons (id) on delete restrict,
  order_id uuid not null references orders (id) on delete restrict,
  customer_id uuid not null references customers (id) on delete restrict,
  sales_channel_id uuid references sales_channels (id) on delete restrict,
  status text not null default 'reserved' check (status in ('reserved', 'redeemed', 'released', 'reversed')),
  usage_number integer not null check (usage_number > 0),
  coupon_code text not null,
  order_amount numeric(19,4) not null check (order_amount >= 0),
  eligible_amount numeric(19,4) not null check (eligible_amount >= 0),
  discount_amount numeric(19,4) not null check (discount_amount >= 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  is_first_order boolean not null default false,
  reserved_at timestamptz not null default now(),
  redeemed_at timestamptz,
  reversed_at timestamptz,
  reversal_reason text check (reversal_reason in ('checkout_abandoned', 'order_cancelled', 'order_returned', 'abuse', 'manual')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint coupon_usage_order_key unique (coupon_id, order_id),
  constraint coupon_usage_customer_number_key unique (coupon_id, customer_id, usage_number),
  constraint coupon_usage_discount_ck check (discount_amount <= order_amount),
  constraint coupon_usage_eligible_ck check (eligible_amount <= order_amount),
  constraint coupon_usage_redeemed_ck check (status <> 'redeemed' or redeemed_at is not null),
  constraint coupon_usage_reversed_ck check ((status in ('released', 'reversed')) = (reversed_at is not null))
);
create index coupon_usage_order_id_idx on coupon_usage (order_id);
create index coupon_usage_customer_reserved_at_idx on coupon_usage (customer_id, reserved_at desc);
create index coupon_usage_sales_channel_id_idx on coupon_usage (sales_channel_id);
create index coupon_usage_status_reserved_idx on coupon_usage (status, reserved_at);
comment on table coupon_usage is 'One use of a coupon on one order: held at checkout, redeemed on confirmation, given back on cancellation. Counted against the coupon''s limits.';
comment on column coupon_usage.usage_number is 'Which use by this customer it is; the unique key stops two checkouts from taking the same turn.';

create table abandoned_carts (
  id uuid primary key default gen_random_uuid(),
  cart_token text not null unique check (length(cart_token) >= 16),
  sales_channel_id uuid references sales_channels (id) on delete cascade,
  customer_id uuid references customers (id) on delete set null,
  contact_name text,
  contact_email text check (contact_email ~ '^[^@[:space:]]+@[^@[:space:]]+$'),
  contact_phone text check (contact_phone ~ '^[+]?[0-9]{7,15}$'),
  has_marketing_consent boolean not null default false,
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  line_count integer not null check (line_count > 0),
  lines jsonb not null check (jsonb_typeof(lines) = 'array'),
  subtotal_amount numeric(19,4) not null check (subtotal_amount >= 0),
  discount_amount numeric(19,4) not null default 0 check (discount_amount >= 0),
  shipping_amount numeric(19,4) not null default 0 check (shipping_amount >= 0),
  tax_amount numeric(19,4) not null default 0 check (tax_amount >= 0),
  total_amount numeric(19,4) not null check (total_amount >= 0),
  coupon_id uuid references coupons (id) on delete set null,
  shipping_postal_code text,
  checkout_step text not null default 'cart' check (checkout_step in ('cart', 'contact', 'address', 'shipping', 'payment', 'payment_failed')),
  status text not null default 'abandoned' check (status in ('active', 'abandoned', 'contacted', 'recovered', 'expired', 'unsubscribed')),
  last_activity_at timestamptz not null,
  abandoned_at timestamptz,
  reminder_count smallint not null default 0 check (reminder_count between 0 and 10),
  last_reminder_at timestamptz,
  last_reminder_medium text check (last_reminder_medium in ('email', 'sms', 'whatsapp', 'push', 'call')),
  recovered_order_id uuid references orders (id) on delete set null,
  recovered_at timestamptz,
  device_type text check (device_type in ('desktop', 'mobile', 'tablet', 'app')),
  traffic_source text,
  ip_address inet,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint abandoned_carts_total_ck check (total_amount = subtotal_amount - discount_amount + shipping_amount + tax_amount),
  constraint abandoned_carts_abandoned_ck check (status = 'active' or abandoned_at is not null),
  constraint abandoned_carts_activity_ck check (abandoned_at >= last_activity_at),
  constraint abandoned_carts_recovered_ck check ((status = 'recovered') = (recovered_at is not null)),
  constraint abandoned_carts_reminder_ck check ((reminder_count = 0) = (last_reminder_at is null))
);
create unique index abandoned_carts_recovered_order_id_key on abandoned_carts (recovered_order_id) where recovered_order_id is not null;
create index abandoned_carts_status_activity_idx on abandoned_carts (status, last_activity_at);
create index abandoned_carts_customer_activity_idx on abandoned_carts (customer_id, last_activity_at desc);
create index abandoned_carts_sales_channel_id_idx on abandoned_carts (sales_channel_id);
create index abandoned_carts_coupon_id_idx on abandoned_carts (coupon_id);
comment on table abandoned_carts is 'A shopping cart left before payment, with what was in it, how to reach the shopper, and whether reminders won the order back. It reserves no stock.';
comment on column abandoned_carts.lines is 'Snapshot of the cart as the shopper saw it: product, variant, quantity and price of each line.';

create table wishlist_items (
  id uuid primary key default gen_random_uuid(),
  customer_id uuid not null references customers (id) on delete cascade,
  product_id uuid not null references products (id) on delete cascade,
  product_variant_id uuid references product_variants (id) on delete cascade,
  sales_channel_id uuid references sales_channels (id) on delete set null,
  list_name text not null default 'default' check (length(list_name) between 1 and 60),
  desired_quantity numeric(19,6) not null default 1 check (desired_quantity > 0),
  uom_code text not null default 'NOS',
  price_when_added numeric(21,9) check (price_when_added >= 0),
  target_price numeric(21,9) check (target_price > 0),
  currency_code char(3) not null default 'INR' check (currency_code ~ '^[A-Z]{3}$'),
  notify_on_price_drop boolean not null default false,
  notify_on_restock boolean not null default false,
  last_notified_at timestamptz,
  added_at timestamptz not null default now(),
  moved_to_cart_at timestamptz,
  note text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint wishlist_items_entry_key unique nulls not distinct (customer_id, list_name, product_id, product_variant_id),
  constraint wishlist_items_target_ck check (target_price is null or notify_on_price_drop),
  constraint wishlist_items_moved_ck check (moved_to_cart_at >= added_at)
);
create index wishlist_items_product_id_idx on wishlist_items (product_id);
create index wishlist_items_product_variant_id_idx on wishlist_items (product_variant_id);
create index wishlist_items_sales_channel_id_idx on wishlist_items (sales_channel_id);
create index wishlist_items_restock_idx on wishlist_items (product_id, product_variant_id) where notify_on_restock;
comment on table wishlist_items is 'A product a customer has put aside for later, with wishes to hear of a lower price or of stock. It is no order and reserves nothing.';

create table product_questions (
  id uuid primary key default gen_random_uuid(),
  product_id uuid not null references products (id) on delete cascade,
  product_variant_id uuid references product_variants (id) on delete set null,
  customer_id uuid references customers (id) on delete set null,
  sales_channel_id uuid references sales_channels (id) on delete set null,
  asked_by_name text not null default 'Anonymous',
  question_text text not null check (length(trim(question_text)) between 5 and 2000),
  topic text not null default 'general' check (topic in ('general', 'specification', 'compatibility', 'installation', 'warranty', 'delivery', 'price')),
  locale text not null default 'en-IN' check (locale ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  status text not null default 'pending' check (status in ('pending', 'published', 'answered', 'rejected', 'hidden')),
  is_anonymous boolean not null default false,
  asked_at timestamptz not null default now(),
  first_answered_at timestamptz,
  answer_count integer not null default 0 check (answer_count >= 0),
  upvote_count integer not null default 0 check (upvote_count >= 0),
  abuse_report_count integer not null default 0 check (abuse_report_count >= 0),
  moderated_by uuid references users (id) on delete set null,
  moderated_at timestamptz,
  rejection_reason text check (rejection_reason in ('spam', 'abusive', 'personal_data', 'off_topic', 'duplicate', 'other')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint product_questions_answered_ck check (status <> 'answered' or (answer_count > 0 and first_answered_at is not null)),
  constraint product_questions_rejected_ck check (status <> 'rejected' or rejection_reason is not null),
  constraint product_questions_time_ck check (first_answered_at >= asked_at)
);
create index product_questions_product_status_idx on product_questions (product_id, status, asked_at desc);
create index product_questions_product_variant_id_idx on product_questions (product_variant_id);
create index product_questions_customer_id_idx on product_questions (customer_id);
create index product_questions_sales_channel_id_idx on product_questions (sales_channel_id);
create index product_questions_status_asked_at_idx on product_questions (status, asked_at);
create index product_questions_moderated_by_idx on product_questions (moderated_by);
comment on table product_questions is 'A question a shopper asks about a product on its page, shown after moderation. The tenant''s own prepared questions are cms_faq_items; complaints are service requests.';

create table product_answers (
  id uuid primary key default gen_random_uuid(),
  product_question_id uuid not null references product_questions (id) on delete cascade,
  answered_by_type text not null check (answered_by_type in ('staff', 'customer', 'brand', 'dealer')),
  user_id uuid references users (id) on delete set null,
  customer_id uuid references customers (id) on delete set null,
  display_name text not null,
  answer_text text not null check (length(trim(answer_text)) between 1 and 5000),
  reference_url text check (reference_url ~ '^https?://'),
  is_official boolean not null default false,
  is_verified_buyer boolean not null default false,
  is_accepted boolean not null default false,
  status text not null default 'pending' check (status in ('pending', 'published', 'rejected', 'hidden')),
  answered_at timestamptz not null default now(),
  helpful_count integer not null default 0 check (helpful_count >= 0),
  unhelpful_count integer not null default 0 check (unhelpful_count >= 0),
  abuse_report_count integer not null default 0 check (abuse_report_count >= 0),
  moderated_by uuid references users (id) on delete set null,
  moderated_at timestamptz,
  rejection_reason text check (rejection_reason in ('spam', 'abusive', 'personal_data', 'off_topic', 'incorrect', 'other')),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint product_answers_author_ck check (user_id is null or customer_id is null),
  constraint product_answers_official_ck check (not is_official or answered_by_type in ('staff', 'brand')),
  constraint product_answers_rejected_ck check (status <> 'rejected' or rejection_reason is not null)
);
create unique index product_answers_one_accepted_key on product_answers (product_question_id) where is_accepted;
create index product_answers_question_status_idx on product_answers (product_question_id, status, answered_at);
create index product_answers_user_id_idx on product_answers (user_id);
create index product_answers_customer_id_idx on product_answers (customer_id);
create index product_answers_status_answered_at_idx on product_answers (status, answered_at);
create index product_answers_moderated_by_idx on product_answers (moderated_by);
comment on table product_answers is 'An answer to a shopper''s product question, by staff or by another customer. At most one per question is marked as the accepted answer.';
comment on column product_answers.display_name is 'Name shown with the answer; stays when the writer''s account is removed.';

create table product_reviews (
  id uuid primary key default gen_random_uuid(),
  product_id uuid not null references products (id) on delete cascade,
  product_variant_id uuid references product_variants (id) on delete set null,
  customer_id uuid references customers (id) on delete set null,
  order_id uuid references orders (id) on delete set null,
  sales_channel_id uuid references sales_channels (id) on delete set null,
  external_review_reference text,
  reviewer_name text not null,
  rating smallint not null check (rating between 1 and 5),
  quality_rating smallint check (quality_rating between 1 and 5),
  value_rating smallint check (value_rating between 1 and 5),
  delivery_rating smallint check (delivery_rating between 1 and 5),
  title text check (length(title) <= 200),
  review_text text,
  photo_urls text[] not null default '{}',
  locale text not null default 'en-IN' check (locale ~ '^[a-z]{2}(-[A-Z]{2})?$'),
  is_verified_purchase boolean not null default false,
  is_incentivised boolean not null default false,
  status text not null default 'pending' check (status in ('pending', 'published', 'rejected', 'hidden')),
  reviewed_at timestamptz not null default now(),
  helpful_count integer not null default 0 check (helpful_count >= 0),
  abuse_report_count integer not null default 0 check (abuse_report_count >= 0),
  moderated_by uuid references users (id) on delete set null,
  moderated_at timestamptz,
  rejection_reason text check (rejection_reason in ('spam', 'abusive', 'personal_data', 'off_topic', 'fake', 'other')),
  reply_text text,
  replied_by uuid references users (id) on delete set null,
  replied_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint product_reviews_external_key unique (sales_channel_id, external_review_reference),
  constraint product_reviews_rejected_ck check (status <> 'rejected' or rejection_reason is not null),
  constraint product_reviews_reply_ck check ((reply_text is null) = (replied_at is null))
);
create unique index product_reviews_customer_product_key on product_reviews (customer_id, product_id) where customer_id is not null;
create index product_reviews_product_status_idx on product_reviews (product_id, status, reviewed_at desc);
create index product_reviews_product_variant_id_idx on product_reviews (product_variant_id);
create index product_reviews_order_id_idx on product_reviews (order_id);
create index product_reviews_status_reviewed_at_idx on product_reviews (status, reviewed_at);
create index product_reviews_rating_idx on product_reviews (product_id, rating) where status = 'published';
create index product_reviews_moderated_by_idx on product_reviews (moderated_by);
create index product_reviews_replied_by_idx on product_reviews (replied_by);
comment on table product_reviews is 'A customer''s rating and review of a product, written in the shop or fetched from a marketplace, with the tenant''s reply. Shown once published by moderation.';
comment on column product_reviews.is_incentivised is 'Written for a reward or a free sample; must be disclosed with the review (IS 19000:2022).';
