const { start } = await import('../sandbox/stand-in.ts') // This is allowed.
start()
