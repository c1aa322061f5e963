import { createMailer } from '../integrations/mail/mailer.ts'
import { announcementJob } from '../jobs/announcement.ts'
import { createDocumentJob } from '../jobs/documents.ts'
import { createFeedJob } from '../jobs/feeds.ts'
import { holdExpiryJob } from '../jobs/hold-expiry.ts'
import { horizonJob } from '../jobs/horizon.ts'
import type { Job } from '../jobs/job.ts'
import { mailJob } from '../jobs/mail.ts'
import { openJobs } from '../jobs/open-jobs.ts'
import { reminderJob } from '../jobs/reminder.ts'
import { retentionJob } from '../jobs/retention.ts'
import { createRoomClock } from '../jobs/room-clock.ts'
import { zoneRulesJob } from '../jobs/zone-rules.ts'
import type { Context } from './context.ts'
import { fetchGuard } from './fetch-guard.ts'

/** Every kind of work that time or news brings in this installation. */
function allJobs(context: Context): Job[] {
  const { config } = context
  const publicUrl = config.publicUrl ?? `http://localhost:${config.port}`
  return [
    createRoomClock(context),
    createDocumentJob(context),
    createFeedJob({ ...context, ...fetchGuard(config) }),
    reminderJob(context),
    announcementJob(context),
    mailJob({ ...context, handIn: createMailer(config), publicUrl }),
    horizonJob(context),
    zoneRulesJob(context),
    holdExpiryJob(context),
    retentionJob({ ...context, relayPool: context.logPool }),
  ]
}

/** The worker's part: plans what news makes due, and does what is due. */
export function startJobs(context: Context): AsyncDisposable {
  return openJobs({ ...context, relayPool: context.logPool, jobs: allJobs(context) })
}
