// What a page for residents gains by a script: it is read aloud where the telephone can, and a card's link fills in its code. The code of a
// link stands behind its `#`, which no server ever sees.

const code = /^#(\d{12})$/.exec(location.hash)?.[1];
const field = document.getElementById('code');
if (code && field && field.value === '') field.value = code;

const voice = document.getElementById('voice');
if (voice && 'speechSynthesis' in window) {
  voice.hidden = false;
  voice.addEventListener('click', () => {
    speechSynthesis.cancel();
    const english = document.documentElement.lang === 'en';
    const main = document.querySelector('main').cloneNode(true);
    // On a Chinese page the English below each line is for the eye.
    if (!english) for (const second of main.querySelectorAll('small')) second.remove();
    const said = new SpeechSynthesisUtterance([...main.querySelectorAll('h2, p, dt, dd, th, td, label')].map((part) => part.textContent).join('。'));
    said.lang = english ? 'en' : 'zh-CN';
    said.rate = 0.85;
    speechSynthesis.speak(said);
  });
}
