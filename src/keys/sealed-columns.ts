/**
 * Every column that holds sealed values, by hand, because nobody can find them by looking: a value in a column that is not named here
 * stays under the old master key when all others move. A test reads the catalog and fails on a `sealed` column that is missing.
 */
export type SealedColumn = {
  readonly table: string
  readonly column: string
  /** What the value is bound to beside its operator and its row (TRU-31). */
  readonly field: string
  /** `operator`: keyed by operator, mode and id. `installation`: a global table keyed by name. */
  readonly holder: 'operator' | 'installation'
}

/** Whose the installation's own secrets are, where an operator's would have the operator's id. */
export const installation = 'installation'

export const sealedColumns: readonly SealedColumn[] = [
  { table: 'app.connections', column: 'secret_key_sealed', field: 'connections.secret_key', holder: 'operator' },
  { table: 'app.connections', column: 'probe_sealed', field: 'connections.probe', holder: 'operator' },
  { table: 'app.endpoint_secrets', column: 'sealed', field: 'endpoint_secrets.sealed', holder: 'operator' },
  { table: 'app.installation_secrets', column: 'sealed', field: 'installation_secrets.sealed', holder: 'installation' },
]
