/** Rows for backups: twenty tables of a tenant schema filled in the database, self-references and awkward text among them. */

/** Made from the row's number, so that other tables can refer to it. */
const id = (table: string, number = 'g'): string => `md5('${table}' || ${number})::uuid`

/** Tabs, line breaks, backslashes, quotes, the NULL mark of COPY, and letters beyond ASCII. */
const note = `'Note ' || g || E': cut\\tand\\nbroken, \\\\N and \\\\. and "quoted"; naïve, नमस्ते, 📦; ' || repeat(md5(g::text), 2)`
const who = `'Asha ' || md5(g::text) || ' Iyer'`
const mail = `'person' || g || '@customer.example'`
const at = `timestamptz '2026-01-01 00:00:00Z' + g * interval '37 seconds'`
/** Null for the first row, else the row before: a chain through the whole table. */
const before = (table: string): string => `case when g > 1 then ${id(table, '(g - 1)')} end`

/** Columns with the expressions that fill them, `g` being the row's number; every table after those it refers to. */
const tables: Record<string, Record<string, string>> = {
  regions: {
    id: id('regions'),
    code: `'R' || g`,
    name: `'Region ' || g`,
    postal_prefixes: `array['4' || g, '5' || g]`,
    notes: note,
  },
  brands: {
    id: id('brands'),
    code: `'B' || g`,
    name: `'Brand ' || g`,
    slug: `'brand-' || g`,
    description: note,
  },
  payment_terms: {
    id: id('payment_terms'),
    term_code: `'T' || g`,
    term_name: `'Net ' || g`,
    description: note,
    net_days: 'g % 90',
  },
  customers: {
    id: id('customers'),
    customer_code: `'C' || g`,
    name: who,
    email: mail,
    region_id: id('regions'),
    payment_terms_id: id('payment_terms'),
    parent_customer_id: before('customers'),
    outstanding_amount: 'g * 1.2345',
    status_reason: note,
  },
  vendors: { id: id('vendors'), vendor_code: `'V' || g`, legal_name: who, city: `'Pune'`, trade_name: note },
  vendor_contacts: { vendor_id: id('vendors'), full_name: who, email: mail, notes: note },
  leads: {
    id: id('leads'),
    lead_number: `'L' || g`,
    full_name: who,
    source: `'website'`,
    email: mail,
    region_id: id('regions'),
    requirement: note,
  },
  lead_activities: {
    lead_id: id('leads'),
    activity_type: `'call'`,
    subject: `'Call ' || g`,
    due_at: at,
    description: note,
  },
  campaigns: { id: id('campaigns'), campaign_code: `'K' || g`, name: who, channel: `'email'` },
  campaign_recipients: {
    campaign_id: id('campaigns'),
    customer_id: id('customers'),
    recipient_address: mail,
    failure_reason: note,
  },
  cost_centers: {
    id: id('cost_centers'),
    cost_center_code: `'CC' || g`,
    cost_center_name: who,
    parent_cost_center_id: before('cost_centers'),
    description: note,
  },
  departments: {
    id: id('departments'),
    code: `'D' || g`,
    name: `'Department ' || g`,
    cost_center_id: id('cost_centers'),
    description: note,
  },
  employees: {
    id: id('employees'),
    employee_code: `'E' || g`,
    company_id: '(select c.id from companies c limit 1)',
    department_id: id('departments'),
    manager_id: before('employees'),
    first_name: `'Asha'`,
    display_name: who,
    designation: `'Engineer'`,
    joined_on: `date '2020-01-01' + g % 1000`,
    work_state_code: `'27'`,
  },
  attendance: {
    employee_id: id('employees'),
    work_date: `date '2026-01-01'`,
    check_in_at: at,
    check_in_ip: `'10.0.0.1'::inet`,
    regularisation_reason: note,
  },
  holidays: {
    holiday_date: `date '2026-03-04'`,
    calendar_year: '2026',
    name: `'Holi ' || g`,
    local_name: note,
  },
  announcements: {
    announcement_number: `'A' || g`,
    title: who,
    body: note,
    starts_at: at,
  },
  kpis: { code: `'KPI' || g`, name: who, calculation_note: note, target_value: 'g / 7.0' },
  cms_pages: { slug: `'page-' || g`, title: who, body_html: note, excerpt: note },
  audit_logs: {
    occurred_at: at,
    actor_label: who,
    module_code: `'crm'`,
    action: `'update'`,
    changed_columns: `array['name', ${note}]`,
    new_values: `jsonb_build_object('note', ${note}, 'amount', g * 1.5)`,
  },
  warehouses: {
    code: `'W' || g`,
    name: `'Warehouse ' || g`,
    warehouse_type: `'virtual'`,
    postal_code: `'411001'`,
    region_id: id('regions'),
    operator_name: note,
    order_cutoff_time: `time '17:30'`,
  },
}

export const filledTables = Object.keys(tables)

/** One INSERT a table, names unqualified: the search path must be on the schema. */
export function fillStatements(rowsEach: number): string[] {
  return Object.entries(tables).map(
    ([table, columns]) =>
      `insert into ${table} (${Object.keys(columns).join(', ')}) select ${Object.values(columns).join(', ')} from generate_series(1, ${rowsEach}) g`,
  )
}
