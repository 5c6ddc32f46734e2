/** The operator's public page: where it is, and why it takes no paid bookings when it does not (H11, UI-200). */
import type { Api } from '#web/api'
import { CopyButton, Loaded, StatusBadge, useApiQuery, type AnswerOf } from '#web/ui'
import { Anchor, Stack, Text } from '@mantine/core'

type BookingPage = AnswerOf<Api, '/api/v1/w/:slug/booking-page'>

export function BookingAddress() {
  const query = useApiQuery<BookingPage>('/booking-page')
  return (
    <Loaded query={query}>
      {({ url, mode, acceptsPaidBookings, why }) => (
        <Stack gap="xs">
          <div className="rr-with-copy">
            <Anchor href={url} underline="always" className="rr-grow">
              {url}
            </Anchor>
            <CopyButton value={url} what="the address of the booking page" />
          </div>
          <div role="status">
            <StatusBadge tone={acceptsPaidBookings ? 'green' : 'grey'}>
              {acceptsPaidBookings ? 'Paid bookings open' : 'Paid bookings closed'}
            </StatusBadge>
            {why !== undefined && <Text mt="xs">{why}</Text>}
          </div>
          <Text size="sm" c="dimmed">
            Everybody can see what is free and what it costs there. It shows {mode} mode
            {mode === 'test' && ', until a live account takes payments'}. Visitors are told how to reach you.
          </Text>
        </Stack>
      )}
    </Loaded>
  )
}
