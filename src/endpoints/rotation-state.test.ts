import { expect, test } from 'vitest'
import {
  abandonedAs,
  mayCancel,
  mayMove,
  nextStep,
  rotationStates,
  shownState,
  type RotationFacts,
} from './rotation-state.ts'

// Read across: the rotation stands in the row and may go to the column.
const drawing = `
now        planned created overlap confirmed disabled ending done cancelling cancelled
planned    -       yes     -       -         -        -      -    yes        yes
created    -       -       yes     -         -        -      -    yes        yes
overlap    -       -       -       yes       -        yes    yes  yes        yes
confirmed  -       -       -       -         yes      yes    yes  -          -
disabled   -       -       -       -         -        yes    yes  -          -
ending     -       -       -       -         -        -      yes  -          -
done       -       -       -       -         -        -      -    -          -
cancelling -       -       -       -         -        -      -    -          yes
cancelled  -       -       -       -         -        -      -    -          -
`

test('STR-59: the drawing is the whole truth', () => {
  const judged = rotationStates.map((now) => [now, ...rotationStates.map((next) => (mayMove(now, next) ? 'yes' : '-'))])
  expect([['now', ...rotationStates], ...judged]).toEqual(
    drawing
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/)),
  )
})

// What is done next; `visible` and `ended` say that this instant has come, `proven` that a delivery was verified by the new secret.
const steps = `
state      waiting   visible    proven     ended      leak       pasted pasted,ended shown     cancel abandoned
planned    create    create     create     create     create     create create       creating  yes    cancelled
created    wait      subscribe  wait       wait       wait       wait   wait         creating  yes    cancelled
overlap    wait      wait       confirm    end        confirm    wait   finish       overlap   yes    cancelled
confirmed  disable   disable    disable    disable    disable    disable disable     confirmed no     done
disabled   wait      wait       wait       end        wait       wait   end          confirmed no     done
ending     delete_old delete_old delete_old delete_old delete_old delete_old delete_old confirmed no  done
done       nothing   nothing    nothing    nothing    nothing    nothing nothing     done      no     done
cancelling delete_new delete_new delete_new delete_new delete_new delete_new delete_new cancelled no  cancelled
cancelled  nothing   nothing    nothing    nothing    nothing    nothing nothing     cancelled no     done
`

test('STR-58 STR-59: what each state does next, at which time', () => {
  const now = new Date('2026-11-22T10:00:00Z')
  const later = new Date(now.getTime() + 1)
  const waiting: Omit<RotationFacts, 'state'> = {
    path: 'create',
    makesEndpoint: true,
    visibleAt: later,
    oldEndsAt: later,
    isProven: false,
  }
  const columns: readonly Omit<RotationFacts, 'state'>[] = [
    waiting,
    { ...waiting, visibleAt: now },
    { ...waiting, isProven: true },
    { ...waiting, oldEndsAt: now },
    { ...waiting, path: 'leak' },
    { ...waiting, path: 'paste', makesEndpoint: false },
    { ...waiting, path: 'paste', makesEndpoint: false, oldEndsAt: now },
  ]
  const judged = rotationStates.map((state) => [
    state,
    ...columns.map((facts) => nextStep({ ...facts, state }, now)),
    shownState(state),
    mayCancel(state) ? 'yes' : 'no',
    abandonedAs(state),
  ])
  const drawn = steps
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(/ +/))
  expect(judged).toEqual(drawn)
})
