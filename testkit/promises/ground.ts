import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type MailServer, openMailServer } from '../mail-server.ts'
import { TestNetwork } from '../network.ts'
import { type Judge, openJudge } from './judge.ts'

/** What the promises of one test file stand on. Each founds an office of its own there. */
export interface Ground {
  network: TestNetwork
  judge: Judge
  /** Where all mail of the network goes. */
  mail: MailServer
}

// The wall clock says the same wherever a node stands; these two zones are at the far ends of the question.
const ZONE_OF_NODES: Record<string, string> = {
  'api-1': 'America/Los_Angeles',
  'api-2': 'Australia/Lord_Howe',
  'realtime-1': 'Australia/Lord_Howe',
  'realtime-2': 'America/Los_Angeles',
}

/** Two nodes of every kind, in different zones, for all tests of this file. Tests start again what they kill. */
export function oneGround(): () => Ground {
  let ground: Ground
  beforeAll(async () => {
    const mail = await openMailServer()
    const network = await TestNetwork.open({
      api: 2,
      realtime: 2,
      worker: 2,
      env: (id) => ({ TZ: ZONE_OF_NODES[id] ?? 'UTC', CONVOKE_SMTP_URL: mail.url }),
    })
    ground = { network, judge: openJudge(network), mail }
  })
  // What a test that failed has left down must not fail the others.
  beforeEach(async () => {
    await Promise.all(ground.network.nodes.filter((node) => !node.isUp).map((node) => node.start()))
  })
  afterAll(async () => {
    await ground?.judge[Symbol.asyncDispose]()
    await ground?.network[Symbol.asyncDispose]()
    await ground?.mail[Symbol.asyncDispose]()
  })
  return () => ground
}
