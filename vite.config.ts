/**
 * Builds the screens into dist/. Doors (`#kernel`, `#web/ui`) resolve by "imports" in package.json, as they do in Node.
 * Nothing may end up inline in the page: the content security policy allows scripts and styles of our own origin only.
 */
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    cssCodeSplit: true,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The console, and the pages renters see.
    rolldownOptions: {
      input: ['index.html', 'public.html'],
      // Our doors only pass names on, so an entry carries what it uses of them and nothing else (UI-69).
      treeshake: { moduleSideEffects: [{ test: /\/src\/web\/.*index\.ts$/, sideEffects: false }] },
    },
  },
})
