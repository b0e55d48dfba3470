// Reads /api/openapi.json and shows it: operations by tag, their fields, and every word a problem may carry. Text only goes in as text.

const element = (name, attributes = {}, ...children) => {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== undefined && child !== ''));
  return made;
};

/** A schema in a few words: `text`, `1 of normal, key, high`, `list of {resident, number}`. */
function typeOf(schema, depth = 0) {
  if (!schema || typeof schema !== 'object') return '';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return `${schema.enum.map(String).join(' | ')}`;
  const some = schema.anyOf ?? schema.oneOf;
  if (some) return some.length > 6 ? `${some.length} 种 kinds` : some.map((one) => typeOf(one, depth + 1)).join(' | ');
  if (schema.type === 'array') return `列表 list of ${typeOf(schema.items, depth + 1) || 'anything'}`;
  if (schema.type === 'object') return depth > 0 && schema.properties ? `{ ${Object.keys(schema.properties).join(', ')} }` : 'object';
  return schema.type ?? '';
}

function limitsOf(schema) {
  const said = [];
  const small = (n) => typeof n === 'number' && Math.abs(n) < 9e15;
  if (small(schema.minimum) || small(schema.maximum)) said.push(`${small(schema.minimum) ? schema.minimum : ''}…${small(schema.maximum) ? schema.maximum : ''}`);
  if (schema.maxLength !== undefined) said.push(`≤ ${schema.maxLength} 字符 characters`);
  if (schema.maxItems !== undefined) said.push(`≤ ${schema.maxItems} 项 entries`);
  if (schema.pattern) said.push(schema.pattern);
  if (schema.default !== undefined) said.push(`= ${JSON.stringify(schema.default)}`);
  return said.join(' · ');
}

function rowsOf(schema, path = '', rows = []) {
  for (const [name, field] of Object.entries(schema?.properties ?? {})) {
    const at = path ? `${path}.${name}` : name;
    const needed = (schema.required ?? []).includes(name) && field.default === undefined;
    rows.push(element('tr', {}, element('td', {}, element('code', {}, at)), element('td', {}, typeOf(field)), element('td', {}, needed ? '必填 yes' : ''), element('td', {}, [field.description, limitsOf(field)].filter(Boolean).join(' · '))));
    const inner = field.type === 'array' ? field.items : field;
    // An outbox holds every step; each is described by its own route.
    if (inner?.properties && rows.length < 80) rowsOf(inner, field.type === 'array' ? `${at}[]` : at, rows);
  }
  return rows;
}

const table = (title, rows) =>
  rows.length === 0 ? '' : element('section', {}, element('h3', {}, title), element('table', {}, element('thead', {}, element('tr', {}, ...['字段 field', '类型 type', '必填 needed', '说明 notes'].map((head) => element('th', {}, head)))), element('tbody', {}, ...rows)));

function operation(method, path, said) {
  const parameters = (said.parameters ?? []).filter(({ in: where }) => where !== 'path').map(({ name, required, schema, description }) =>
    element('tr', {}, element('td', {}, element('code', {}, name)), element('td', {}, typeOf(schema)), element('td', {}, required ? '必填 yes' : ''), element('td', {}, [description, limitsOf(schema ?? {})].filter(Boolean).join(' · '))));
  const body = said.requestBody?.content?.['application/json']?.schema;
  const reply = said.responses?.['200']?.content?.['application/json']?.schema;
  return element('details', { id: said.operationId ?? path, 'data-find': `${path} ${said.operationId} ${said.summary}`.toLowerCase() },
    element('summary', {}, element('span', { class: 'method' }, method.toUpperCase()), element('code', {}, path), element('span', { class: 'what' }, said.summary ?? '')),
    said.description ? element('p', { class: 'note' }, said.description) : '',
    table('地址参数 In the address', parameters), table('内容 Body', rowsOf(body)), table('答复 Reply (200)', rowsOf(reply)));
}

function wordRow([word, { status, zh, en, nextZh, nextEn }]) {
  return element('tr', { id: word, 'data-find': `${word} ${zh} ${en}`.toLowerCase() },
    element('td', {}, element('code', {}, word)), element('td', {}, String(status)), element('td', {}, zh, element('br'), en), element('td', {}, nextZh, element('br'), nextEn));
}

function show(document_) {
  const main = document.getElementById('main');
  const contents = document.getElementById('contents');
  main.replaceChildren(...(document_.info.description ?? '').split('\n\n').map((text) => element('p', {}, text)));
  const byTag = new Map((document_.tags ?? []).map(({ name, description }) => [name, { description, all: [] }]));
  for (const [path, methods] of Object.entries(document_.paths)) {
    for (const [method, said] of Object.entries(methods)) {
      const tag = said.tags?.[0] ?? 'other';
      if (!byTag.has(tag)) byTag.set(tag, { description: '', all: [] });
      byTag.get(tag).all.push(operation(method, path, said));
    }
  }
  const section = (id, title, ...children) => {
    contents.append(element('a', { href: `#${id}` }, title));
    main.append(element('section', {}, element('h2', { id }, title), ...children));
  };
  for (const [tag, { description, all }] of byTag) if (all.length > 0) section(`tag-${tag.replace(/\W/g, '-')}`, description ? `${tag} · ${description}` : tag, ...all);
  section('words', '词 Words of problems and refusals',
    element('table', {}, element('thead', {}, element('tr', {}, ...['词 word', '状态 status', '含义 means', '怎么办 what to do'].map((head) => element('th', {}, head)))), element('tbody', {}, ...Object.entries(document_['x-words'] ?? {}).map(wordRow))));
  // A problem's `type` points at its word, which was not there when the page came.
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.tagName === 'DETAILS') target.open = true;
  target?.scrollIntoView();
}

document.getElementById('find').addEventListener('input', ({ target }) => {
  const wanted = target.value.trim().toLowerCase();
  for (const one of document.querySelectorAll('[data-find]')) one.hidden = wanted !== '' && !one.dataset.find.includes(wanted);
});

try {
  const reply = await fetch('/api/openapi.json');
  if (!reply.ok) throw new Error(String(reply.status));
  show(await reply.json());
} catch {
  document.getElementById('state').textContent = '无法载入接口说明。 The description could not be loaded.';
}
