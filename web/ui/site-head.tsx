import type { ComponentChildren } from 'preact'
import type { User } from '../client/contract.ts'
import type { Session } from '../client/session.ts'

/** Pages that lead to each other. */
const PAGES = { '/floor': 'Floor', '/meet': 'Find a time', '/meeting': 'Meetings', '/dashboard': 'Dashboard' } as const

interface SiteHeadProps {
  page: keyof typeof PAGES | '/'
  /** Who is signed in, on pages that ask for it. */
  who?: { session: Session; user: User } | undefined
  /** How fresh the page is. */
  status?: ComponentChildren
  /** A second row. */
  children?: ComponentChildren
}

/** The quiet head of every page: what this is, where else one may go, who one is. */
export function SiteHead({ page, who, status, children }: SiteHeadProps) {
  return (
    <header class="head">
      <div class="head-row">
        <a class="head-name" href="/">
          Convoke
        </a>
        <nav class="head-pages" aria-label="Pages">
          {Object.entries(PAGES).map(([address, name]) => (
            <a key={address} href={address} aria-current={address === page ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        {status}
        {who && (
          <p class="head-user small soft">
            {who.user.firstName} {who.user.lastName}
            <button type="button" class="button-quiet" onClick={() => void who.session.signOut()}>
              Sign out
            </button>
          </p>
        )}
      </div>
      {children}
    </header>
  )
}
