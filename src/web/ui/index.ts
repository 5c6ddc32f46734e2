/**
 * The look and the manners of every screen: theme, frame, forms, lists, states, texts, the way to the API and the live stream.
 * Knows nothing of rent, of addresses or of Stripe.
 */
export { createApiClient, presentMs, problemOf, type AnswerOf, type Problem } from './api-client.ts'
export {
  ApiProvider,
  createQueryClient,
  useApi,
  useApiQuery,
  useDeed,
  recallPlace,
  useHostedPage,
  usePreview,
  useRequestKey,
  type Can,
  type WireMoney,
} from './api-hooks.tsx'
export { CopyButton, DeedButton, Fact } from './buttons.tsx'
export {
  ArrivedPill,
  cursorOf,
  DataTable,
  LinkTabs,
  Pager,
  SearchField,
  useIsNarrow,
  useSteadyRows,
  type Column,
} from './data-table.tsx'
export {
  amountProblem,
  browserTimeZone,
  CountryField,
  CurrencyField,
  DateField,
  MoneyField,
  SecretField,
  TimeZoneField,
  type SavedSecret,
} from './fields.tsx'
export { ConfirmDialog, Dialog, FormBody, SavedNote, useDeedForm, type DeedForm } from './forms.tsx'
export { useLiveStream } from './live-stream.ts'
export {
  Banner,
  CardReturn,
  Columns,
  FirstUse,
  Loaded,
  NotFound,
  NothingMatches,
  Page,
  Section,
  WorkplaceProvider,
} from './page.tsx'
export { ProblemAlert } from './problem.tsx'
export { startScreens, useAnnounce, useAnnounceChange } from './provider.tsx'
export { Band, Frame, LiveDot, Onward, PlainFrame, StepList, StepScreen, type NavigationGroup } from './shell.tsx'
export {
  clockText,
  CountedItems,
  CountedLists,
  ConventionsProvider,
  InstantText,
  LocalDateText,
  localDateText,
  MoneyList,
  MoneyText,
  plural,
  StatusBadge,
  useConventions,
  useMoneyText,
  useToday,
} from './texts.tsx'
export { LeaveButton } from './step-up.tsx'
export type { Tone } from './theme.ts'
