import { Hono } from 'hono'
import type { ApiEnv } from './api-env.ts'
import { DOCS_CSS, docsPage, problemsPage } from './docs-page.ts'
import { openApi } from './openapi.ts'
import type { Route } from './rest/route.ts'

const FOR_A_WHILE = { 'cache-control': 'public, max-age=300' }

/** The contract, for machines and for people. Public, and made once: routes do not change while a process lives. */
export function docs(routes: readonly Route[]): Hono<ApiEnv> {
  const api = openApi(routes)
  const html = docsPage(api)
  const problems = problemsPage()
  return new Hono<ApiEnv>()
    .use(async (c, next) => {
      c.set('route', '/docs')
      await next()
    })
    .get('/openapi.json', (c) => c.json(api, 200, FOR_A_WHILE))
    .get('/docs', (c) => c.html(html, 200, FOR_A_WHILE))
    .get('/docs/problems', (c) => c.html(problems, 200, FOR_A_WHILE))
    .get('/docs/docs.css', (c) => c.body(DOCS_CSS, 200, { ...FOR_A_WHILE, 'content-type': 'text/css; charset=utf-8' }))
}
