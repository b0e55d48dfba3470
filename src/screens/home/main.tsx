// The first page: one door to each screen, with a word on what it is for.

import { render } from 'preact';
import { Page } from '../parts/showing.js';
import { Text } from '../parts/text.js';
import './home.css';
import { words } from './words.js';

const doors = [
  ['/pair', words.pair, words.pairFor], ['/station', words.station, words.stationFor], ['/desk', words.desk, words.deskFor], ['/call', words.call, words.callFor],
  ['/pack', words.pack, words.packFor], ['/lab', words.lab, words.labFor], ['/admin', words.admin, words.adminFor], ['/wall', words.wall, words.wallFor], ['/me', words.me, words.meFor],
] as const;

function Home() {
  return (
    <Page title={words.title}>
      <ul class="doors">
        {doors.map(([address, name, what]) => <li key={address}><a class="card" href={address}><b><Text of={name} /></b><span class="quiet"><Text of={what} /></span></a></li>)}
      </ul>
    </Page>
  );
}

render(<Home />, document.getElementById('screen') as HTMLElement);
