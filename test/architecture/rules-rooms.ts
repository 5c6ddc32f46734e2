/** ARC-70, ARC-71, ARC-77 and the folder part of ARC-76: which rooms there are, and what they may be called. */
import type { House } from './house.ts'
import { limits, order, refusedFolders, webParts } from './map.ts'
import type { Rule } from './rule.ts'

export const enoughToCheck: Rule = {
  id: 'ARC-70',
  law: 'there is something to check, and every room of the map exists or is listed as not begun',
  find: (house) => [...findBlindness(house), ...findMissingRooms(house)],
}

function findBlindness({ source, expected }: House): readonly string[] {
  const withImports = source.filter((file) => file.imports.length > 0).length
  const doorImports = source.flatMap((file) => file.imports).filter(({ specifier }) => specifier.startsWith('#')).length
  const breaches: string[] = []
  if (source.length <= expected.leastSourceFiles) {
    breaches.push(`src: ${source.length} source files, and more than ${expected.leastSourceFiles} are expected`)
  }
  if (withImports * 2 <= source.length) breaches.push(`src: imports were found in only ${withImports} files`)
  if (doorImports * 10 < source.length) breaches.push(`src: only ${doorImports} imports of doors were found`)
  return breaches
}

function listRooms(house: House): readonly string[] {
  const rooms = house.source.flatMap(({ module }) => (module === undefined || module === 'wiring' ? [] : [module]))
  return [...new Set(rooms)]
}

function findMissingRooms(house: House): readonly string[] {
  const rooms = listRooms(house)
  const wanted = [...order.filter((name) => name !== 'web'), ...webParts.map((part) => `web/${part}`)]
  const { notBegun } = house.expected
  return [
    ...wanted
      .filter((room) => !rooms.includes(room) && !notBegun.includes(room))
      .map((room) => `src/${room}: does not exist and is not listed as not begun`),
    ...notBegun
      .filter((room) => rooms.includes(room))
      .map((room) => `src/${room}: exists, so it has to leave the list of rooms not begun`),
  ]
}

export const knownRooms: Rule = {
  id: 'ARC-71',
  law: 'every folder of src is on the map',
  find: (house) =>
    listRooms(house)
      .filter((room) => {
        const [top = '', part] = room.split('/')
        if (top !== 'web') return !order.some((name) => name === top)
        return !webParts.some((name) => name === part)
      })
      .map((room) => `src/${room}: is not on the map`),
}

export const folderShape: Rule = {
  id: 'ARC-76 folders',
  law: `a folder holds at most ${limits.folderFiles} files without tests (${Object.entries(limits.largerFolders)
    .map(([folder, files]) => `${folder} ${files}`)
    .join(', ')}) and has a name that says something`,
  find: (house) => {
    const folders = house.folders.filter((folder) => /^(src|sandbox)\b/.test(folder))
    const crowded = folders.flatMap((folder) => {
      const count = house.files.filter((file) => file.folder === folder && !file.isTest).length
      const limit = limits.largerFolders[folder] ?? limits.folderFiles
      return count > limit ? [`${folder}: ${count} files, and ${limit} is the limit`] : []
    })
    const vague = folders.filter((folder) => refusedFolders.some((name) => folder.split('/').includes(name)))
    return [...crowded, ...vague.map((folder) => `${folder}: the name does not say what is in it`)]
  },
}

const wordsOfXero = /xero-tenant-id|tenant_?id|tenant_?(type|name)/gi

export const refusedWords: Rule = {
  id: 'ARC-77',
  law: 'the word "tenant" means two things and is used for neither; only xero speaks of the header of that name',
  find: (house) =>
    house.files
      .filter((file) => file.path.startsWith('src/'))
      .filter((file) => {
        const text = file.module === 'xero' ? file.text.replace(wordsOfXero, '') : file.text
        return /tenant/i.test(text) || /tenant/i.test(file.path)
      })
      .map((file) => `${file.path}: says "tenant"`),
}
