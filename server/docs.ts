import { Hono } from 'hono'
import type { ApiEnv } from './api-env.ts'
import { DOCS_CSS, docsPage, problemsPage } from './docs-page.ts'
import { openApi } from './openapi.ts'
import type { Route } from './rest/route.ts'

/** The contract, for machines and for people. Public, and made once: routes do not change while a process lives. */
export function docs(routes: readonly Route[]): Hono<ApiEnv> {
  const api = openApi(routes)
  const pages: [path: string, type: string, content: string][] = [
    ['/openapi.json', 'application/json', JSON.stringify(api)],
    ['/docs', 'text/html; charset=utf-8', docsPage(api)],
    ['/docs/problems', 'text/html; charset=utf-8', problemsPage()],
    ['/docs/docs.css', 'text/css; charset=utf-8', DOCS_CSS],
  ]
  const app = new Hono<ApiEnv>()
  for (const [path, type, content] of pages) {
    app.get(path, (c) => {
      c.set('route', '/docs')
      return c.body(content, 200, { 'content-type': type, 'cache-control': 'public, max-age=300' })
    })
  }
  return app
}
