/*
 * Runs before the first paint, as a file of its own because the content security policy refuses inline scripts. It resolves
 * the chosen colour scheme so that nothing flashes (UI-43), and lets text without markup through the Trusted Types check: the
 * only innerHTML our libraries write is the text of style elements.
 */
;(function () {
  const root = document.documentElement
  const chosen = (/(?:^|; )colour-scheme=(light|dark)/.exec(document.cookie) || [])[1]
  const system = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
  root.setAttribute('data-mantine-color-scheme', chosen || system)
  if (window.trustedTypes) {
    window.trustedTypes.createPolicy('default', {
      createHTML: function (text) {
        return text.indexOf('<') === -1 ? text : null
      },
    })
  }
})()
