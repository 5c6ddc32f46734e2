/** The company as it appears on invoices (UI-102). */
import { Loaded, Page, useApiQuery } from '#web/ui'
import { CompanyForm, type Company } from './form.tsx'

export function CompanyPage() {
  const query = useApiQuery<Company>('/settings/company')
  return (
    <Page title="Company" intro="This is what renters see on invoices and mails.">
      <Loaded query={query}>{(company) => <CompanyForm company={company} />}</Loaded>
    </Page>
  )
}
