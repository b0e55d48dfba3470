// The command post: a round from its first rule to its closing, without the command line.

import { render } from 'preact';
import './admin.css';
import { CommandPost } from './frame.js';

render(<CommandPost />, document.getElementById('screen') as HTMLElement);
