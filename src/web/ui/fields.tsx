/**
 * Fields with rules of their own: amounts that echo what was understood, dates spelled out, secrets that never come back, and the
 * lists of the world (countries, currencies, time zones).
 */
import { currencies, currencyOf, isLocalDate, parseMoney } from '#kernel'
import { Button, NativeSelect, Text, TextInput, type NativeSelectProps, type TextInputProps } from '@mantine/core'
import type { ReactNode } from 'react'
import { localDateText, useMoneyText } from './texts.tsx'

/** Why a typed amount cannot be used, or undefined when it can (UI-38). */
export function amountProblem(text: string, currency: string): string | undefined {
  const { exponent } = currencyOf(currency)
  if (text.trim() === '') return 'Enter an amount.'
  if (parseMoney(text, currency) !== undefined) return undefined
  if (/^[\d,]+\.\d+$/.test(text.trim())) {
    return exponent === 0
      ? `${currency} has no decimal places. Enter a whole number.`
      : `${currency} has ${exponent} decimal places. Enter an amount such as 120.${'0'.repeat(exponent)}.`
  }
  return `Enter the amount in figures, such as 120${exponent === 0 ? '' : `.${'0'.repeat(exponent)}`}.`
}

type MoneyFieldProps = TextInputProps & { readonly currency: string }

/** Amount as text with its currency; what was understood stands below. Never a number field (UI-38). */
export function MoneyField({ currency, ...props }: MoneyFieldProps) {
  const format = useMoneyText()
  const typed = typeof props.value === 'string' ? props.value : ''
  const parsed = currency === '' ? undefined : parseMoney(typed, currency)
  const echo = parsed === undefined ? '' : format({ amountMinor: parsed.amountMinor.toString(), currency })
  const problem = typed === '' || currency === '' ? undefined : amountProblem(typed, currency)
  return (
    <div>
      <TextInput
        {...props}
        error={props.error ?? problem}
        inputMode="decimal"
        autoComplete="off"
        rightSection={
          <Text size="xs" c="dimmed">
            {currency}
          </Text>
        }
        rightSectionWidth={52}
      />
      <Text size="xs" c="dimmed" mt={4} className="rr-echo">
        {echo}
      </Text>
    </div>
  )
}

/** A day, typed or chosen, spelled out below so that day and month cannot be mixed up. */
export function DateField(props: TextInputProps) {
  const typed = typeof props.value === 'string' ? props.value : ''
  return (
    <div>
      <TextInput {...props} type="date" />
      <Text size="xs" c="dimmed" mt={4} className="rr-echo">
        {isLocalDate(typed) ? localDateText(typed, 'en-GB', true) : ''}
      </Text>
    </div>
  )
}

/** What is known of a stored secret: never more than this. */
export type SavedSecret = {
  /** Such as `sk_test_`. */
  readonly prefix: string
  readonly last4: string
  readonly fingerprint: string
  readonly changed?: ReactNode
}

type SecretFieldProps = TextInputProps & {
  readonly saved: SavedSecret | undefined
  readonly isReplacing: boolean
  readonly onReplace: () => void
  readonly onKeep: () => void
}

const keyInput = { autoComplete: 'off', spellCheck: false, autoCapitalize: 'off', autoCorrect: 'off' } as const

/** A field for keys: pasting always works and nothing corrects what was pasted. */
function KeyField(props: TextInputProps) {
  return <TextInput {...props} {...keyInput} classNames={{ input: 'rr-mono' }} />
}

/** A secret: dots and four letters once saved; replacing starts empty and can be called off (UI-123). */
export function SecretField({ saved, isReplacing, onReplace, onKeep, ...props }: SecretFieldProps) {
  if (saved === undefined) return <KeyField {...props} />
  if (isReplacing) {
    return (
      <div>
        <KeyField {...props} data-autofocus />
        <Button variant="subtle" size="compact-sm" mt={4} onClick={onKeep}>
          Keep the saved one
        </Button>
      </div>
    )
  }
  return (
    <div role="group" aria-label={String(props.label)}>
      <Text size="sm" fw={600} component="div">
        {props.label}
      </Text>
      <div className="rr-secret">
        <span className="rr-mono">{`${saved.prefix}••••••••••••${saved.last4}`}</span>
        <Button variant="default" size="compact-sm" onClick={onReplace} aria-label={`Replace ${String(props.label)}`}>
          Replace
        </Button>
        <Text size="xs" c="dimmed" component="span">
          fingerprint <span className="rr-mono">{saved.fingerprint}</span>
          {saved.changed !== undefined && <> · changed {saved.changed}</>}
        </Text>
      </div>
    </div>
  )
}

const regionCodes =
  'AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW'.split(
    ' ',
  )

type ChoiceProps = Omit<NativeSelectProps, 'data'>
const unchosen = { value: '', label: 'Choose…' }

type CodesProps = ChoiceProps & {
  /** Codes to choose among; all there are unless said. */
  readonly only?: readonly string[]
}

export function CountryField({ only = regionCodes, ...props }: CodesProps) {
  const names = new Intl.DisplayNames('en', { type: 'region' })
  const options = only.map((code) => ({ value: code, label: names.of(code) ?? code }))
  options.sort((one, other) => one.label.localeCompare(other.label, 'en'))
  return <NativeSelect {...props} data={[unchosen, ...options]} autoComplete="country" />
}

export function CurrencyField({ only = [...currencies.keys()], ...props }: CodesProps) {
  const names = new Intl.DisplayNames('en', { type: 'currency' })
  const options = only.map((code) => ({ value: code, label: `${code} · ${names.of(code) ?? code}` }))
  return <NativeSelect {...props} data={[unchosen, ...options]} />
}

export function TimeZoneField(props: ChoiceProps) {
  const options = Intl.supportedValuesOf('timeZone').map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }))
  const known = options.some(({ value }) => value === props.value) || !props.value
  const own = known ? [] : [{ value: String(props.value), label: String(props.value) }]
  return <NativeSelect {...props} data={[unchosen, ...own, ...options]} />
}

/** The time zone of this browser, offered as a first answer. */
export function browserTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}
