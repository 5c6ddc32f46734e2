/**
 * The look: every colour of the product stands in this file and nowhere else (UI-50 to UI-56). Mantine's own greys, badge and
 * caption colours fail the contrast rule, so its scales are replaced rather than used. Own names start with `--rr-`.
 */
import {
  createTheme,
  defaultVariantColorsResolver,
  type CSSVariablesResolver,
  type MantineColorsTuple,
  type VariantColorsResolver,
} from '@mantine/core'

export const tones = ['grey', 'yellow', 'red', 'blue', 'green', 'orange', 'purple'] as const
/** The seven tones of badges (UI-58). */
export type Tone = (typeof tones)[number]

const light = {
  bg: '#FFFFFF',
  sunk: '#F6F7F9',
  raised: '#FFFFFF',
  text: '#14181F',
  muted: '#525B6B',
  primary: '#0F5C4D',
  'primary-hover': '#0B4A3E',
  'on-primary': '#FFFFFF',
  'primary-soft': '#E9F3F0',
  'primary-soft-hover': '#DBEBE6',
  danger: '#9B1C1C',
  'danger-hover': '#7F1616',
  'on-danger': '#FFFFFF',
  focus: '#1D4ED8',
  control: '#7A8494',
  hairline: '#D5DAE2',
}

const dark: typeof light = {
  bg: '#12151B',
  sunk: '#0C0E12',
  raised: '#1A1F27',
  text: '#E8EBF0',
  muted: '#A3ADBD',
  primary: '#5FD0B5',
  'primary-hover': '#7FDCC6',
  'on-primary': '#06231C',
  'primary-soft': '#16302B',
  'primary-soft-hover': '#1B3C35',
  danger: '#FFB3AD',
  'danger-hover': '#FFC9C5',
  'on-danger': '#431717',
  focus: '#8AB4FF',
  control: '#717C8E',
  hairline: '#2E3541',
}

const lightTones: Record<Tone, readonly [background: string, text: string]> = {
  grey: ['#EEF0F3', '#434B59'],
  yellow: ['#FFF3C4', '#6B4A00'],
  red: ['#FDE3E1', '#9B1C1C'],
  blue: ['#DDEBFF', '#174A9C'],
  green: ['#DDF3E4', '#14603A'],
  orange: ['#FFE6D1', '#8A3B00'],
  purple: ['#EFE3FB', '#5E2A91'],
}

const darkTones: typeof lightTones = {
  grey: ['#2A303A', '#C3CAD6'],
  yellow: ['#3A2F0B', '#F5D76E'],
  red: ['#431717', '#FFB3AD'],
  blue: ['#152C4D', '#A9CCFF'],
  green: ['#12351F', '#93E0B0'],
  orange: ['#432308', '#FFC08A'],
  purple: ['#32194B', '#D9B8F7'],
}

type Scale = MantineColorsTuple
const green: Scale = [
  ...(['#E9F3F0', '#DBEBE6', '#B4D8CE', '#86DCC8', '#5FD0B5'] as const),
  ...(['#2F8C79', '#0F5C4D', '#0B4A3E', '#083A31', '#06231C'] as const),
]
const red: Scale = [
  ...(['#FDE3E1', '#FBD0CC', '#FFC9C5', '#FFB3AD', '#F08A83'] as const),
  ...(['#C53B3B', '#9B1C1C', '#7F1616', '#5F1212', '#431717'] as const),
]
const gray: Scale = [
  ...(['#F6F7F9', '#EEF0F3', '#E3E7ED', '#D5DAE2', '#7A8494'] as const),
  ...(['#525B6B', '#525B6B', '#434B59', '#2A303A', '#14181F'] as const),
]
const night: Scale = [
  ...(['#E8EBF0', '#C3CAD6', '#A3ADBD', '#A3ADBD', '#2E3541'] as const),
  ...(['#232A34', '#1A1F27', '#12151B', '#0C0E12', '#07090C'] as const),
]

/** Text on a filled button is the colour of the pair, which in the dark is not white. */
const pairColours: VariantColorsResolver = (input) => {
  const usual = defaultVariantColorsResolver(input)
  const pair = input.color === 'red' ? 'danger' : 'primary'
  if (input.variant === 'filled') {
    const background = `var(--rr-${pair})`
    return { ...usual, background, hover: `var(--rr-${pair}-hover)`, color: `var(--rr-on-${pair})` }
  }
  if (input.variant === 'default') return { ...usual, border: '1px solid var(--rr-control)' }
  if (input.variant === 'subtle' || input.variant === 'light' || input.variant === 'transparent') {
    const isTransparent = input.variant === 'transparent'
    const background = input.variant === 'light' ? 'var(--rr-primary-soft)' : 'transparent'
    return {
      ...usual,
      background,
      hover: isTransparent ? background : 'var(--rr-primary-soft-hover)',
      color: `var(--rr-${pair})`,
    }
  }
  return usual
}

export const theme = createTheme({
  colors: { green, red, gray, dark: night },
  primaryColor: 'green',
  primaryShade: { light: 6, dark: 4 },
  white: light.bg,
  black: light.text,
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.875rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  lineHeights: { xs: '1.333', sm: '1.43', md: '1.43', lg: '1.5', xl: '1.4' },
  spacing: { xs: '0.5rem', sm: '0.75rem', md: '1rem', lg: '1.5rem', xl: '2rem' },
  radius: { xs: '2px', sm: '4px', md: '8px', lg: '8px', xl: '16px' },
  defaultRadius: 'sm',
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '2rem' },
      h2: { fontSize: '1.25rem', lineHeight: '1.75rem' },
      h3: { fontSize: '1rem', lineHeight: '1.5rem' },
    },
  },
  shadows: { xs: 'none', sm: 'none' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  variantColorResolver: pairColours,
  components: {
    Anchor: { defaultProps: { underline: 'always' } },
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { inputWrapperOrder: ['label', 'description', 'error', 'input'] } },
    Textarea: { defaultProps: { inputWrapperOrder: ['label', 'description', 'error', 'input'] } },
    PasswordInput: { defaultProps: { inputWrapperOrder: ['label', 'description', 'error', 'input'] } },
    NativeSelect: { defaultProps: { inputWrapperOrder: ['label', 'description', 'error', 'input'] } },
    Menu: { defaultProps: { transitionProps: { duration: 100 } } },
  },
})

function own(colours: typeof light, pairs: typeof lightTones): Record<string, string> {
  return Object.fromEntries([
    ...Object.entries(colours).map(([name, colour]) => [`--rr-${name}`, colour]),
    ...tones.flatMap((tone) => [
      [`--rr-${tone}-bg`, pairs[tone][0]],
      [`--rr-${tone}-fg`, pairs[tone][1]],
    ]),
  ])
}

const mantineNames = {
  '--mantine-color-body': 'var(--rr-bg)',
  '--mantine-color-text': 'var(--rr-text)',
  '--mantine-color-bright': 'var(--rr-text)',
  '--mantine-color-dimmed': 'var(--rr-muted)',
  '--mantine-color-placeholder': 'var(--rr-muted)',
  '--mantine-color-anchor': 'var(--rr-primary)',
  '--mantine-color-error': 'var(--rr-danger)',
  '--mantine-color-default': 'var(--rr-bg)',
  '--mantine-color-default-hover': 'var(--rr-sunk)',
  '--mantine-color-default-color': 'var(--rr-text)',
  '--mantine-color-default-border': 'var(--rr-hairline)',
  '--mantine-color-disabled': 'var(--rr-sunk)',
  '--mantine-color-disabled-color': 'var(--rr-muted)',
  '--mantine-color-disabled-border': 'var(--rr-hairline)',
  '--mantine-primary-color-filled': 'var(--rr-primary)',
  '--mantine-primary-color-filled-hover': 'var(--rr-primary-hover)',
  '--mantine-primary-color-contrast': 'var(--rr-on-primary)',
}

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: { ...own(light, lightTones), ...mantineNames },
  dark: { ...own(dark, darkTones), ...mantineNames },
})
