// Masking: how much of a person a screen may show so that two people at a table can agree on who is meant.
//
// A mask is made where the clear text is, in the service; what leaves it masked cannot be unmasked. Characters
// are counted as people see them, so that a rare one outside the basic plane is one character.

/** 李小明 → 李*明, 李明 → 李*; a long name shows its ends and never how long it is. */
export function maskName(name: string): string {
  const characters = Array.from(name.normalize('NFC').trim());
  const [first = ''] = characters;
  if (characters.length < 2) return characters.length === 0 ? '' : '*';
  if (characters.length === 2) return `${first}*`;
  return first + '*'.repeat(Math.min(characters.length - 2, 3)) + (characters.at(-1) ?? '');
}

/** 11010519491231002X → 110105********002X; shorter numbers show less, the shortest nothing. */
export function maskDocument(number: string): string {
  return keepEnds(number.trim(), (length) => (length >= 15 ? [6, 4] : length >= 8 ? [2, 2] : [0, 0]));
}

/** 13812345678 → 138****5678; a landline shows its last two digits. */
export function maskPhone(phone: string): string {
  return keepEnds(phone.replace(/[\s-]/gu, ''), (length) => (length >= 11 ? [3, 4] : length >= 7 ? [0, 2] : [0, 0]));
}

/** An address as far as its village, street or township; house and door are hidden. */
export function maskAddress(address: string): string {
  const text = address.trim();
  if (text === '') return '';
  const places = [...text.matchAll(/自治区|街道|社区|(?<!小)区|[省市县旗乡镇村]/gu)];
  const last = places.at(-1);
  // What stands before the first known word could already be a house: without one, nothing is shown.
  return `${last ? text.slice(0, last.index + last[0].length) : ''}***`;
}

function keepEnds(text: string, ends: (length: number) => readonly [number, number]): string {
  const characters = Array.from(text);
  const [head, tail] = ends(characters.length);
  const hidden = '*'.repeat(characters.length - head - tail);
  return characters.slice(0, head).join('') + hidden + characters.slice(characters.length - tail).join('');
}
