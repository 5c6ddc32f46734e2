/** The console's navigation in the order of UI-2. What a role may not open is absent. */
import { consolePaths, type ConsoleAddress, type ConsolePath } from '#web/paths'
import type { NavigationGroup } from '#web/ui'
import {
  IconBook2,
  IconBuilding,
  IconBuildingBank,
  IconCash,
  IconCreditCard,
  IconDoor,
  IconHistory,
  IconFileText,
  IconLayoutDashboard,
  IconPercentage,
  IconPlugConnected,
  IconReceipt2,
  IconReceiptRefund,
  IconServerCog,
  IconSignature,
  IconStack2,
  IconStethoscope,
  IconUsers,
  IconWebhook,
  type Icon,
} from '@tabler/icons-react'

type Place = {
  readonly label: string
  readonly href: string
  readonly icon: Icon
  /** The permission that opens it; none means everyone. */
  readonly needs?: string
}

/** No role gives it: it belongs to whoever runs the installation (TRU-90). */
export const runsInstallation = 'installation'

type Group = { readonly label?: string; readonly places: readonly Place[] }

function groupsOf(path: ConsolePath): readonly Group[] {
  return [
    {
      places: [
        { label: 'Dashboard', href: path('dashboard', {}), icon: IconLayoutDashboard },
        { label: 'Spaces', href: path('spaces', {}), icon: IconDoor },
        { label: 'Renters', href: path('renters', {}), icon: IconUsers },
        { label: 'Leases', href: path('leases', {}), icon: IconFileText },
      ],
    },
    {
      label: 'Billing',
      places: [
        { label: 'Invoices', href: path('invoices', {}), icon: IconReceipt2, needs: 'invoice.view' },
        { label: 'Refunds', href: path('refunds', {}), icon: IconReceiptRefund, needs: 'invoice.view' },
      ],
    },
    {
      label: 'Bank',
      places: [{ label: 'Payouts', href: path('payoutList', {}), icon: IconCash, needs: 'payout.view' }],
    },
    {
      label: 'Reports',
      places: [{ label: 'Books', href: path('books', {}), icon: IconBook2, needs: 'report.view' }],
    },
    {
      label: 'Administration',
      places: [
        { label: 'Integrations', href: path('integrations', {}), icon: IconPlugConnected, needs: 'connection.view' },
        { label: 'Diagnosis', href: path('diagnosis', {}), icon: IconStethoscope, needs: 'diagnosis.view' },
        { label: 'Audit log', href: path('audit', {}), icon: IconHistory, needs: 'audit.view' },
        { label: 'Installation', href: path('installation', {}), icon: IconServerCog, needs: runsInstallation },
      ],
    },
    {
      label: 'Settings',
      places: [
        { label: 'Company', href: path('company', {}), icon: IconBuilding, needs: 'settings.billing' },
        { label: 'Categories', href: path('categories', {}), icon: IconStack2, needs: 'category.edit' },
        { label: 'Payout schedule', href: path('payouts', {}), icon: IconBuildingBank, needs: 'payout.view' },
        { label: 'Taxes', href: path('taxes', {}), icon: IconPercentage, needs: 'settings.tax' },
        { label: 'Agreements', href: path('agreements', {}), icon: IconSignature, needs: 'agreement.edit' },
        { label: 'Payments', href: path('payments', {}), icon: IconCreditCard, needs: 'connection.view' },
        { label: 'Webhooks', href: path('webhooks', {}), icon: IconWebhook, needs: 'connection.view' },
      ],
    },
  ]
}

/** @param here the present path, which marks the entry it belongs to. */
export function navigationOf(
  address: ConsoleAddress,
  here: string,
  permissions: readonly string[],
): readonly NavigationGroup[] {
  const groups = groupsOf(consolePaths(address))
  const isOpen = ({ needs }: Place) => needs === undefined || permissions.includes(needs)
  return groups
    .map(({ label, places }) => ({
      ...(label === undefined ? {} : { label }),
      entries: places.filter(isOpen).map((place) => entryOf(place, here, address.slug)),
    }))
    .filter(({ entries }) => entries.length > 0)
}

function entryOf({ label, href, icon: Symbol }: Place, here: string, slug: string) {
  const path = href.split('?')[0] ?? href
  const isDashboard = path === `/w/${slug}`
  const isHere = here === path || (!isDashboard && here.startsWith(`${path}/`))
  return { label, href, isHere, icon: <Symbol size={18} stroke={1.75} aria-hidden /> }
}
