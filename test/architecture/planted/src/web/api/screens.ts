import { useGo } from '#web/here'
import { useState } from 'react'

export const screens = [useGo, useState]
