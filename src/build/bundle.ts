import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { z } from 'zod';
import { auditSchema } from '../model/audit.ts';
import { reportSchema } from '../model/report.ts';

/**
 * Makes dist/: the program as files that need no node_modules. CommonJS starts faster than ES modules, and what a dry run
 * does not need (the picture engine, capture) lies in files of its own, loaded when called for.
 */
const LAZY = {
  audit: 'src/cli/audit-run.ts',
  svg: 'src/render/svg.ts',
  capture: 'src/app/capture.ts',
  config: 'src/app/config.ts',
  exitrd: 'src/app/exitrd.ts',
  keyfiles: 'src/app/keyfiles.ts',
  last: 'src/app/last.ts',
  panic: 'src/app/panic.ts',
  'rehearse-run': 'src/cli/rehearse-run.ts',
};

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

const common: BuildOptions = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'linked',
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  define: { VERSION: JSON.stringify(version), BUNDLED: 'true' },
  // Where a file is found from is asked of the bundle's own place.
  logOverride: { 'empty-import-meta': 'silent' },
  logLevel: 'warning',
};

/** A dynamic import of one of LAZY's sources becomes one of its bundle. */
const lazyFiles: Plugin = {
  name: 'lazy-files',
  setup(context) {
    context.onResolve({ filter: /\.ts$/ }, (args) => {
      const name = Object.entries(LAZY).find(([, source]) => args.kind === 'dynamic-import' && source.endsWith(args.path.replace(/^[./]+/, '/')))?.[0];
      return name ? { path: `./${name}.cjs`, external: true } : undefined;
    });
  },
};

/** Static, and small with musl. Without a compiler the exitrd works all the same, and says what stays in memory. */
function buildHelper(): void {
  rmSync('dist/uninitramfs-helper', { force: true });
  for (const compiler of ['musl-gcc', 'gcc', 'cc']) {
    const { status } = spawnSync(
      compiler,
      ['-static', '-Os', '-s', '-Wall', '-Wextra', '-Werror', '-o', 'dist/uninitramfs-helper', 'shutdown-hooks/helper.c'],
      {
        stdio: 'ignore',
      },
    );
    if (status === 0) return;
  }
  process.stderr.write('no C compiler that can link statically was found (apt-get install musl-tools): dist/uninitramfs-helper was not built\n');
}

/** commander wants it for subcommands in files of their own, which there are none of, and it brings net and its streams with it. */
const noChildren: Plugin = {
  name: 'no-children',
  setup(context) {
    context.onResolve({ filter: /^node:child_process$/ }, (args) =>
      args.importer.includes('/commander/') ? { path: args.path, namespace: 'nothing' } : undefined,
    );
    context.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: '' }));
  },
};

await build({ ...common, entryPoints: { uninitramfs: 'src/cli/main.ts' }, banner: { js: '#!/usr/bin/env node' }, plugins: [lazyFiles, noChildren] });
await build({ ...common, entryPoints: LAZY, plugins: [lazyFiles] });
buildHelper();
writeFileSync('dist/teardown.cjs', "#!/usr/bin/env node\nrequire('./uninitramfs.cjs');\n");
for (const file of ['dist/uninitramfs.cjs', 'dist/teardown.cjs']) chmodSync(file, 0o755);
mkdirSync('dist/rehearse', { recursive: true });
for (const file of readdirSync('src/rehearse').filter((name) => name.endsWith('.sh'))) cpSync(`src/rehearse/${file}`, `dist/rehearse/${file}`);
for (const [name, schema] of Object.entries({ report: reportSchema, audit: auditSchema }))
  writeFileSync(`dist/${name}.schema.json`, `${JSON.stringify({ title: `uninitramfs ${name}`, ...z.toJSONSchema(schema) }, null, 2)}\n`);
