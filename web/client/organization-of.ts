/** The organisation an access token speaks for: its claim `org`. Read for addressing only; the server judges the token. */
export function organizationOf(accessToken: string): string | undefined {
  try {
    const payload = atob((accessToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/'))
    const { org } = JSON.parse(payload) as { org?: unknown }
    return typeof org === 'string' ? org : undefined
  } catch {
    return undefined
  }
}
