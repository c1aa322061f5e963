/** What somebody who is invited said, after his name: `comes`. */
export function responseWords(response: string): string {
  return RESPONSES[response] ?? ''
}

const RESPONSES: Record<string, string> = {
  accepted: 'comes',
  tentative: 'may come',
  declined: 'does not come',
  needs_action: 'has not answered',
}
