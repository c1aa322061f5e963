import { mountPage } from '../ui/mount-page.tsx'
import './floor.css'
import './book.css'
import { FloorPage } from './floor-page.tsx'

mountPage((session, user) => <FloorPage key={user.id} session={session} user={user} />)
