/**
 * Tables without an operator first in their key, each with its reason (ARC-34, TRU-58). The catalog test fails on any other table
 * that breaks the law of the schema; on Citus these become reference or local tables.
 */
export const globalTables: Readonly<Record<string, string>> = {
  'app.migrations': 'which schema this database has; read before any operator is known',
  'app.installation': 'facts about the installation itself, such as its id in Stripe metadata',
  'app.installation_secrets': 'what the installation itself keeps sealed, such as the key its sessions are signed with',
  'app.master_keys': 'the ids of master keys that stored values may need; read before anything is opened',
  'app.operators': 'the operators themselves: id, slug and name; everything else of theirs is scoped',
  'app.routing_keys':
    'from a slug, endpoint token or Stripe account to the operator, before the operator is known (TRU-55)',
  'app.installation_endpoints':
    'the webhook endpoints that serve every operator, with their sealed secrets; no row is an operator’s (STR-41)',
  'app.installation_watches': 'what is watched of those endpoints, one row per mode; no row is an operator’s (STR-106)',
  'app.installation_troubles': 'troubles of those endpoints and of the installation’s own key (STR-106)',
  'app.inbox_events': 'a delivery is kept before its operator is known (PERF-46)',
  'app.inbox_bodies': 'the raw body of a delivery, kept for audit (PERF-46)',
  'app.inbox_objects': 'Stripe objects with news, claimed across operators in turn (PERF-51)',
}
