import { start } from '../sandbox/stand-in.ts'
start()
