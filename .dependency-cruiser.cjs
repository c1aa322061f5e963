// The import direction of the house (docs/ARCHITECTURE.md):
//   domain <- { db | integrations } <- { server | realtime | jobs } <- app
const TEST = '[.]test[.]tsx?$'
const CONFIG = '[.]config[.]ts$'
// Run by developers and by the checks only: they print pages of docs/ from the code.
const PRINTER = '^app/print-[^/]*[.]ts$'

/** A room may import itself, the rooms named, Node and packages. Its tests may import the testkit and what they need. */
function room(name, mayImport) {
  return {
    name: `${name}-imports`,
    comment: `${name}/ imports ${[...mayImport, 'itself'].join(', ')} and nothing else of the house.`,
    severity: 'error',
    from: { path: `^${name}/`, pathNot: TEST },
    to: {
      pathNot: [`^(${[name, ...mayImport].join('|')})/`, '^node_modules/'],
      dependencyTypesNot: ['core'],
      couldNotResolve: false,
    },
  }
}

/** Packages a pure room may use, and nothing of Node's. */
function packages(name, allowed) {
  return {
    name: `${name}-packages`,
    comment: `${name}/ uses no machine: its packages are ${allowed.join(', ')}.`,
    severity: 'error',
    from: { path: `^${name}/`, pathNot: [TEST, CONFIG] },
    to: { pathNot: [`^${name}/`, `^node_modules/(${allowed.join('|')})/`], couldNotResolve: false },
  }
}

module.exports = {
  forbidden: [
    packages('domain', ['rrule', 'date-fns', 'date-fns-tz']),
    packages('web', [
      'preact',
      'socket[.]io-client',
      'graphql-ws',
      'uqr',
      'yjs',
      'lib0',
      'y-[a-z]+',
      'prosemirror-[a-z-]+',
    ]),
    room('db', ['domain']),
    room('integrations', ['domain']),
    room('server', ['domain', 'db', 'integrations']),
    room('realtime', ['domain', 'db', 'integrations']),
    room('jobs', ['domain', 'db', 'integrations']),
    room('app', ['domain', 'db', 'integrations', 'server', 'realtime', 'jobs', 'web']),
    {
      name: 'pages-stand-alone',
      comment: 'What two pages share is in web/client/ or web/ui/.',
      severity: 'error',
      from: { path: '^web/(dashboard|floor|meet|meeting|panel|tour)/' },
      to: { path: '^web/', pathNot: '^web/(client|ui|$1)/' },
    },
    {
      name: 'load-tests-are-commands',
      comment: 'Nobody builds on a load test; room() keeps the code out of testkit/, this keeps the tests out too.',
      severity: 'error',
      from: { pathNot: '^load-tests/' },
      to: { path: '^load-tests/' },
    },
    {
      name: 'no-cycles',
      comment: 'Types included: two files that need each other are one file, or miss a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-dev-packages',
      comment: 'What production runs is in "dependencies".',
      severity: 'error',
      from: { path: '^(domain|db|integrations|server|realtime|jobs|app|web)/', pathNot: [TEST, PRINTER, CONFIG] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // `import type` counts: a type of the wrong room is the wrong direction too.
    tsPreCompilationDeps: true,
    doNotFollow: { path: '^node_modules/' },
    exclude: { path: '^web/dist/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
