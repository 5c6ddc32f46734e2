import type { House, SourceFile } from './house.ts'

/** One law. `find` returns one sentence per breach, each starting with the place. */
export type Rule = { readonly id: string; readonly law: string; readonly find: (house: House) => readonly string[] }

/** A rule that looks at one file of src after the other. */
export function perFile(id: string, law: string, find: (file: SourceFile, house: House) => readonly string[]): Rule {
  return {
    id,
    law,
    find: (house) => house.source.flatMap((file) => find(file, house).map((breach) => `${file.path}: ${breach}`)),
  }
}
