export { Page } from '#web/ui'
