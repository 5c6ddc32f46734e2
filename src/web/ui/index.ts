/**
 * The look and the manners of every screen: theme, frame, forms, lists, states, texts, the way to the API and the live stream.
 * Knows nothing of rent, of addresses or of Stripe.
 */
export { ApiProblem, createApiClient, problemOf, type AnswerOf, type ApiClient, type Problem } from './api-client.ts'
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
  type Deed,
  type ListPage,
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
  KeyField,
  MoneyField,
  SecretField,
  TimeZoneField,
  type SavedSecret,
} from './fields.tsx'
export { ConfirmDialog, Dialog, FormBody, SavedNote, useDeedForm, type DeedForm } from './forms.tsx'
export { useLiveStream, type LiveState } from './live-stream.ts'
export {
  Banner,
  Boundary,
  Columns,
  FirstUse,
  HostedReturn,
  Loaded,
  NotFound,
  NothingMatches,
  Page,
  Section,
  Shapes,
  WorkplaceProvider,
} from './page.tsx'
export { ErrorSummary, ProblemAlert } from './problem.tsx'
export { startScreens, useAnnounce, useAnnounceChange } from './provider.tsx'
export { Band, Frame, LiveDot, PlainFrame, type NavigationEntry, type NavigationGroup } from './shell.tsx'
export {
  clockText,
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
export type { Tone } from './theme.ts'
