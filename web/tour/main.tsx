import { render } from 'preact'
import '../ui/tokens.css'
import '../ui/base.css'
import '../ui/controls.css'
import '../ui/shell.css'
import './tour.css'
import './step.css'
import { TourPage } from './tour-page.tsx'

// A floor that somebody kept as a bookmark of this address.
if (new URLSearchParams(location.hash.slice(1)).has('floor')) location.replace(`/floor${location.hash}`)
else render(<TourPage />, document.body)
