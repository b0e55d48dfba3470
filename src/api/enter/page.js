// Signing in, and setting a password by a one-time link. What stands behind # in the link is never sent in an address, and is taken out
// of the address bar at once.

const $ = (id) => document.getElementById(id);
const both = (zh, en) => `${zh} ${en}`;
let link = '';

function begin() {
  const given = location.hash.slice(1);
  if (given) {
    link = given;
    history.replaceState(null, '', location.pathname);
  }
  $('lead').textContent = link ? both('设置密码。', 'Set your password.') : both('请登录。', 'Sign in.');
  $('go').textContent = link ? both('保存并登录', 'Save and sign in') : both('登录', 'Sign in');
  $('password').autocomplete = link ? 'new-password' : 'current-password';
  $('againLabel').hidden = $('hint').hidden = !link;
  $('again').required = Boolean(link);
  $('accountLabel').hidden = Boolean(link);
  $('account').required = !link;
  $('form').hidden = false;
  (link ? $('password') : $('account')).focus();
}
begin();
// A link opened where this page already is changes nothing but the part behind #.
window.addEventListener('hashchange', begin);

async function send(path, body) {
  const reply = await fetch(path, { method: 'POST', headers: { 'content-type': 'application/json', 'x-swabline': '1' }, body: JSON.stringify(body) });
  return { ok: reply.ok, body: await reply.json() };
}

$('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  $('trouble').textContent = '';
  const [account, password] = [$('account').value.trim(), $('password').value];
  if (link && password !== $('again').value) {
    $('trouble').textContent = both('两次输入的密码不同', 'The two passwords differ');
    return;
  }
  $('go').disabled = true;
  try {
    const { ok, body } = link ? await send('/api/enter', { link, password, ...(account ? { account } : {}) }) : await send('/api/session', { account, password });
    if (ok) {
      location.replace('/');
      return;
    }
    // A link for the first administrator leaves the name to whoever has it.
    if (body.word === 'account_needed') {
      $('accountLabel').hidden = false;
      $('account').required = true;
      $('account').focus();
    }
    $('trouble').textContent = `${body.zh}。${body.nextZh ?? ''} ${body.en}. ${body.nextEn ?? ''}`;
  } catch {
    $('trouble').textContent = both('连不上服务', 'The service cannot be reached');
  } finally {
    $('go').disabled = false;
  }
});
