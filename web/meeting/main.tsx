import { mountPage } from '../ui/mount-page.tsx'
import './meeting.css'
import './lists.css'
import './notes.css'
import { MeetingPage } from './meeting-page.tsx'

mountPage((session, user) => <MeetingPage key={user.id} session={session} user={user} />)
