import { mountPage } from '../ui/mount-page.tsx'
import './dashboard.css'
import { DashboardPage } from './dashboard-page.tsx'

mountPage((session, user) => <DashboardPage key={user.id} session={session} user={user} />)
