/** The part of ARC-80 that can be read: migrations are numbered and only add. The catalog is read in src/platform. */
import type { Rule } from './rule.ts'

const takesAway =
  /\bdrop\s+(table|column|schema|type|view)\b|\brename\s+(to|column|constraint)\b|\balter\s+column\s+\w+\s+(type|set\s+data|drop\s+default)\b|\btruncate\b/i

export const migrationsAdd: Rule = {
  id: 'ARC-80 migrations',
  law: 'a migration only adds, or is marked "-- contract"',
  find: (house) =>
    house.migrations.flatMap(({ path, text }) => {
      const statements = text.replace(/--[^\n]*/g, '')
      const match = /^-- contract\b/m.test(text) ? null : takesAway.exec(statements)
      return match === null ? [] : [`${path}: ${match[0].replace(/\s+/g, ' ')}`]
    }),
}

export const migrationsAreNumbered: Rule = {
  id: 'ARC-80 numbers',
  law: 'no two migrations have one number, and each has four digits and a name',
  find: (house) => {
    const names = house.migrations.map(({ path }) => path.replace('migrations/', ''))
    const numbers = names.map((name) => name.slice(0, 4))
    return names
      .filter((name, at) => !/^\d{4}-[a-z0-9-]+\.sql$/.test(name) || numbers.indexOf(name.slice(0, 4)) !== at)
      .map((name) => `migrations/${name}: the number is taken or the name is not like 0001-name.sql`)
  },
}
