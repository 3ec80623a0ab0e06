import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

const PAGE = fileURLToPath(new URL('dist/page', import.meta.url));

/** Compress what was built once, as well as can be: the service sends these files as they are. */
function precompress(folder: string): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    async closeBundle() {
      const names = await readdir(folder, { recursive: true });
      for (const name of names.filter((file) => /\.(html|js|mjs|css|svg|json)$/.test(file))) {
        const path = join(folder, name);
        const bytes = await readFile(path);
        await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes));
        await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  root: fileURLToPath(new URL('src/web/page', import.meta.url)),
  publicDir: false,
  build: {
    outDir: PAGE,
    emptyOutDir: true,
    target: 'es2023',
    // Inline scripts and styles would need holes in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_500,
    rolldownOptions: {
      output: {
        assetFileNames: 'assets/[name]-[hash][extname]',
        // The library changes seldom: it is kept by browsers when only the page has changed.
        codeSplitting: { groups: [{ name: 'maplibre', test: /node_modules/ }] },
      },
    },
  },
  plugins: [precompress(PAGE)],
});
