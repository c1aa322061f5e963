import { type RefusalCode, REFUSALS } from '../domain/refusals.ts'
import type { JsonSchema, OpenApi, Operation } from './openapi.ts'
import { STATUS } from './problems.ts'

/** The contract for people: every operation, with what it takes. Plain HTML that works without scripts. */
export function docsPage(api: OpenApi): string {
  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const tags = Map.groupBy(operations, ({ operation }) => operation.tags[0] ?? '')
  const sections = [...tags].map(
    ([tag, members]) => `<section><h2>${text(tag)}</h2>${members.map(operationArticle).join('')}</section>`,
  )
  return page(
    'The Convoke API',
    `<p>${text(api.info.description)}</p>
<p>For machines: <a href="/openapi.json">/openapi.json</a>. Every reason to be refused: <a href="/docs/problems">problems</a>.
Send <code>Authorization: Bearer &lt;access token&gt;</code> from <code>POST /auth/login</code>.</p>
${sections.join('\n')}`,
  )
}

/** What the `type` of every problem points into: `/docs/problems#<code>`. */
export function problemsPage(): string {
  const rows = (Object.keys(REFUSALS) as RefusalCode[])
    .toSorted((a, b) => STATUS[a] - STATUS[b])
    .map(
      (code) =>
        `<tr id="${code}"><td>${STATUS[code]}</td><td><code>${code}</code></td><td>${text(REFUSALS[code])}</td></tr>`,
    )
  return page(
    'Problems',
    `<p>Every answer outside 2xx means that nothing happened. Its <code>code</code> is one of these and does not change;
its <code>detail</code> is for people and may. <a href="/docs">The API</a></p>
<table><thead><tr><th>status</th><th>code</th><th>what it says</th></tr></thead><tbody>${rows.join('\n')}</tbody></table>`,
  )
}

function operationArticle({ path, method, operation }: { path: string; method: string; operation: Operation }): string {
  const body = operation.requestBody?.content['application/json'].schema
  const parameters = operation.parameters.filter((parameter) => parameter.in !== 'header')
  const rows = [
    ...parameters.map(({ name, in: place, required, schema }) => fieldRow(name, place, required, schema)),
    ...Object.entries(body?.properties ?? {}).map(([name, schema]) =>
      fieldRow(name, 'body', body?.required?.includes(name) ?? false, schema),
    ),
  ]
  const table = `<table><thead><tr><th>field</th><th>in</th><th>takes</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
  return `<article id="${text(operation.operationId)}"><h3><b>${method}</b> <code>${text(path)}</code></h3>
<p>${text(operation.summary)}${operation.security ? ' <i>(public)</i>' : ''}</p>${rows.length > 0 ? table : ''}</article>`
}

function fieldRow(name: string, place: string, isRequired: boolean, schema: JsonSchema): string {
  const takes = `${words(schema)}${isRequired ? ', <b>required</b>' : ''}`
  return `<tr><td><code>${text(name)}</code></td><td>${place}</td><td>${takes}</td></tr>`
}

/** A schema in a few words; what it holds is in /openapi.json. */
function words(schema: JsonSchema): string {
  const branches = schema.anyOf ?? schema.oneOf
  if (branches !== undefined) return branches.map(words).join(' or ')
  if (schema.const !== undefined) return `<code>${text(JSON.stringify(schema.const))}</code>`
  if (schema.enum !== undefined) return schema.enum.map((value) => `<code>${text(String(value))}</code>`).join(', ')
  if (schema.type === 'array') return `list of ${words(schema.items ?? {})}`
  if (schema.properties !== undefined) {
    return `object of <code>${text(Object.keys(schema.properties).join(', '))}</code>`
  }
  const kind = text(schema.format ?? schema.type ?? 'any JSON')
  return schema.maxLength === undefined ? kind : `${kind}, at most ${schema.maxLength} characters`
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<link rel="stylesheet" href="/docs/docs.css"></head>
<body><main><h1>${title}</h1>
${content}
</main></body>
</html>
`
}

function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

export const DOCS_CSS = `body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: #1c2024; background: #fcfcfd }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 6rem }
h2 { margin-top: 3rem; text-transform: capitalize }
article { border-top: 1px solid #e4e6e9; padding: .5rem 0 1rem }
h3 { font-weight: 500; margin: .75rem 0 .25rem }
p { margin: .25rem 0 .75rem }
code { font: .9em ui-monospace, monospace; background: #f0f1f3; padding: .1em .3em; border-radius: 4px }
table { border-collapse: collapse; width: 100% }
th { text-align: left; font-weight: 500; color: #60646c }
th, td { padding: .3rem .75rem .3rem 0; vertical-align: top; border-bottom: 1px solid #edeef0; overflow-wrap: anywhere }
tr:target { background: #fff4d5 }
@media (prefers-color-scheme: dark) {
  body { color: #edeef0; background: #111113 }
  code { background: #212225 }
  article, th, td { border-color: #2e3135 }
  tr:target { background: #3b3213 }
}
`
