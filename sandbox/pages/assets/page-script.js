// The only script of the sandbox's pages. Everything works without it: it copies keys, fills a test card without a round
// trip, and blocks a second press while a form is on its way.

for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false
  button.addEventListener('click', () => copyField(button))
}

async function copyField(button) {
  const field = document.getElementById(button.dataset.copy)
  if (field.select) field.select()
  else getSelection().selectAllChildren(field)
  // The clipboard exists only on https and loopback; the older command serves browsers on other hosts.
  if (navigator.clipboard) await navigator.clipboard.writeText(field.value ?? field.textContent)
  else document.execCommand('copy')
  const label = button.textContent
  button.textContent = 'Copied'
  announce(`${button.getAttribute('aria-label')}: copied`)
  setTimeout(() => (button.textContent = label), 1500)
}

for (const chip of document.querySelectorAll('[data-fill-number]')) {
  chip.addEventListener('click', (press) => {
    press.preventDefault()
    const form = chip.form
    form.elements.number.value = chip.dataset.fillNumber
    form.elements.expiry.value = chip.dataset.fillExpiry
    form.elements.cvc.value = chip.dataset.fillCvc
    if (form.elements.name.value === '') form.elements.name.value = chip.dataset.fillName
    announce(`Filled the card form: ${chip.dataset.fillOutcome}`)
    form.querySelector('[data-testid="sandbox-pay"]').focus()
  })
}

for (const form of document.querySelectorAll('form[data-once]')) {
  form.addEventListener('submit', (sending) => {
    if (form.dataset.sent) sending.preventDefault()
    form.dataset.sent = 'yes'
  })
}

// A page that comes back from the browser's memory (the Back button) may be sent again.
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-once]')) delete form.dataset.sent
})

function announce(text) {
  const status = document.getElementById('announcement')
  if (status) status.textContent = text
}

// While the clock is being turned, the page looks again when the turn has ended.
if (document.querySelector('[data-reload-after-walk]')) {
  const poll = setInterval(async () => {
    const answer = await fetch('/_sandbox/clock', { headers: { accept: 'application/json' } })
    const { walk } = await answer.json()
    if (walk?.state === 'walking') return
    clearInterval(poll)
    location.reload()
  }, 1000)
}
