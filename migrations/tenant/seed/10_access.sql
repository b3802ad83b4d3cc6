-- The four built-in roles, the sixty permissions (ten modules, six actions), and who gets what.
-- SUPER_ADMIN: everything. ADMIN: everything but deleting and configuring in system_admin (legal entities, number series, roles above its own).
-- MANAGER: read, write, approve, export in the nine business modules. USER: read and write there; of hr only what is their own.

insert into roles (code, name, description, rank, is_system, is_assignable, data_scope, max_discount_percent, may_backdate_days, landing_page)
values
  ('SUPER_ADMIN', 'Super Administrator', 'Owner of the tenant: may do everything, system configuration included.', 100, true, true, 'all', 100, 365, '/admin'),
  ('ADMIN', 'Administrator', 'Runs the tenant day by day: users, masters and all business modules, without deleting or configuring the system.', 80, true, true, 'all', 100, 90, '/admin'),
  ('MANAGER', 'Manager', 'Leads a department: works in every business module, approves and exports.', 60, true, true, 'all', 20, 7, '/dashboard'),
  ('USER', 'User', 'Does the daily work: reads and writes documents, approves nothing.', 40, true, true, 'all', 5, 0, '/dashboard')
on conflict (code) do nothing;

insert into permissions (code, module_code, action, name, description, risk_level, requires_reason, sort_order)
select
  m.code || ':' || a.code,
  m.code,
  a.code,
  a.label || ' ' || m.label,
  a.meaning || ' ' || m.label || '.',
  a.risk_level,
  a.requires_reason,
  m.position * 10 + a.position
from (
  values
    ('system_admin', 'System Admin', 1),
    ('oms_wms', 'OMS, WMS & Fulfillment', 2),
    ('finance', 'Finance & Accounting', 3),
    ('dealer_distribution', 'Dealer & Distribution Network', 4),
    ('field_service', 'Field Service Management', 5),
    ('logistics', 'Logistics & Manifest', 6),
    ('procurement', 'Procurement & Vendor Management', 7),
    ('crm', 'CRM & Call Center', 8),
    ('hr', 'Human Resources', 9),
    ('bi', 'Business Intelligence', 10)
) as m (code, label, position)
cross join (
  values
    ('read', 'Read', 'See lists, records and printed documents of', 'low', false, 1),
    ('write', 'Write', 'Create and change drafts and masters of', 'medium', false, 2),
    ('approve', 'Approve', 'Approve, post and reject documents of', 'high', false, 3),
    ('delete', 'Delete', 'Delete drafts and unused masters of', 'high', true, 4),
    ('export', 'Export', 'Take data out in files from', 'medium', false, 5),
    ('configure', 'Configure', 'Change the settings and rules of', 'high', true, 6)
) as a (code, label, meaning, risk_level, requires_reason, position)
on conflict (code) do nothing;

insert into role_permissions (role_id, permission_id)
select r.id, p.id
from roles r
join permissions p on true
where r.code = 'SUPER_ADMIN'
on conflict (role_id, permission_id) do nothing;

insert into role_permissions (role_id, permission_id)
select r.id, p.id
from roles r
join permissions p on p.code not in ('system_admin:delete', 'system_admin:configure')
where r.code = 'ADMIN'
on conflict (role_id, permission_id) do nothing;

insert into role_permissions (role_id, permission_id, data_scope, note)
select
  r.id,
  p.id,
  case p.module_code when 'hr' then 'team' end,
  case p.module_code when 'hr' then 'Attendance, leave and appraisals of those who report to the manager.' end
from roles r
join permissions p on p.module_code <> 'system_admin' and p.action in ('read', 'write', 'approve', 'export')
where r.code = 'MANAGER'
on conflict (role_id, permission_id) do nothing;

insert into role_permissions (role_id, permission_id, data_scope, note)
select
  r.id,
  p.id,
  case p.module_code when 'hr' then 'own' end,
  case p.module_code when 'hr' then 'Self-service: one''s own attendance, leave, goals and payslips.' end
from roles r
join permissions p on p.module_code <> 'system_admin' and p.action in ('read', 'write')
where r.code = 'USER'
on conflict (role_id, permission_id) do nothing;
