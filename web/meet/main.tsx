import { mountPage } from '../ui/mount-page.tsx'
import './meet.css'
import './heat.css'
import './side.css'
import './calendar.css'
import { MeetPage } from './meet-page.tsx'

mountPage((session, user) => <MeetPage key={user.id} session={session} user={user} />)
