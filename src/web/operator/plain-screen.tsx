/** Screens outside a console: the name of the product, and what to do at an address that leads nowhere. */
import { openPath } from '#web/paths'
import { Page, PlainFrame } from '#web/ui'
import { Anchor } from '@mantine/core'
import type { ReactNode } from 'react'

export function PlainScreen({ children }: { children: ReactNode }) {
  return <PlainFrame brand={<a href={openPath('home', {})}>Rentroll</a>}>{children}</PlainFrame>
}

export function NoSuchAddress() {
  return (
    <PlainScreen>
      <Page title="Not found">
        <p>There is no screen at this address.</p>
        <Anchor href={openPath('home', {})}>Go to your console</Anchor>
      </Page>
    </PlainScreen>
  )
}
