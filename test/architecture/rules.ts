/** All laws that are read from text, in the order of docs: rooms, doors, places, shape, content, migrations. */
import type { Rule } from './rule.ts'
import {
  deedsAreNamed,
  eventsAreRouted,
  operationsNamePermission,
  problemsAreWhole,
  statesAreChecked,
} from './rules-content.ts'
import { doorOrder, doorsOnly, sandboxApart, screensApart } from './rules-doors.ts'
import { migrationsAdd, migrationsAreNumbered } from './rules-migrations.ts'
import { boundHandle, migrationsUseKeys, onePackagePlace, onePlaceRules, testsWaitAlike } from './rules-one-place.ts'
import { enoughToCheck, folderShape, knownRooms, refusedWords } from './rules-rooms.ts'
import { chainLength, fanOut, fileLength, noFileCycles, noModuleCycles } from './rules-shape.ts'

export const rules: readonly Rule[] = [
  enoughToCheck,
  knownRooms,
  folderShape,
  refusedWords,
  doorOrder,
  doorsOnly,
  sandboxApart,
  screensApart,
  boundHandle,
  onePackagePlace,
  ...onePlaceRules,
  migrationsUseKeys,
  testsWaitAlike,
  fileLength,
  fanOut,
  chainLength,
  noFileCycles,
  noModuleCycles,
  deedsAreNamed,
  problemsAreWhole,
  statesAreChecked,
  eventsAreRouted,
  operationsNamePermission,
  migrationsAdd,
  migrationsAreNumbered,
]
