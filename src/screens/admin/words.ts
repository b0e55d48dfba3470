// Words of the command post's frame, and those its rooms share.

import { dictionary } from '../words/language.js';

export const words = dictionary({
  title: { zh: '指挥部', en: 'Command post' },
  cell: { zh: '轮次与区域', en: 'Round and area' },
  noCell: { zh: '还没有选择轮次', en: 'No round chosen' },
  newRound: { zh: '＋ 新轮次', en: '+ New round' },
  chooseCell: { zh: '请先在上面选择轮次与区域', en: 'Choose a round and area above first' },
  closed: { zh: '已结束', en: 'Closed' },
  laboratory: { zh: '实验室', en: 'Laboratory' },
  signedInAs: { zh: '登录：{name}', en: 'Signed in: {name}' },
  nothingForYou: { zh: '您的账号在这里没有可做的事', en: 'Your account has nothing to do here' },
  nothingForYouNext: { zh: '请管理员分配角色', en: 'Ask an administrator for a role' },
  rooms: { zh: '功能', en: 'Rooms' },
  saved: { zh: '已保存', en: 'Saved' },
  done: { zh: '完成', en: 'Done' },
  refresh: { zh: '刷新', en: 'Refresh' },
  working: { zh: '正在处理', en: 'Working' },
  remove: { zh: '删除', en: 'Remove' },
  add: { zh: '添加', en: 'Add' },
  copy: { zh: '复制', en: 'Copy' },
  copied: { zh: '已复制', en: 'Copied' },
  yes: { zh: '是', en: 'Yes' },
  no: { zh: '否', en: 'No' },
  reason: { zh: '原因', en: 'Reason' },
});

export const secondWords = dictionary({
  title: { zh: '需要第二人确认', en: 'A second person must confirm' },
  who: { zh: '第二人的账号，或扫描其工作牌', en: "The second person's account, or scan their staff card" },
  pin: { zh: '第二人的 PIN（6 位）', en: "The second person's PIN (6 digits)" },
  confirm: { zh: '确认', en: 'Confirm' },
  about: { zh: '要确认的事', en: 'What is confirmed' },
  hint: { zh: '不能是您自己。确认在五分钟内有效。', en: 'It cannot be yourself. The confirmation is good for five minutes.' },
});

export const ownWords = dictionary({
  title: { zh: '我的账号', en: 'My account' },
  pin: { zh: '设置 PIN', en: 'Set my PIN' },
  pinFor: { zh: '在共用平板上解锁，或作为第二人确认时使用', en: 'Unlocks shared tablets, and confirms as the second person' },
  newPin: { zh: '新 PIN（6 位数字）', en: 'New PIN (6 digits)' },
  password: { zh: '我的密码', en: 'My password' },
  pinSaved: { zh: 'PIN 已设置', en: 'The PIN is set' },
  change: { zh: '修改密码', en: 'Change my password' },
  old: { zh: '现在的密码', en: 'Present password' },
  next: { zh: '新密码（至少 10 个字符）', en: 'New password (at least 10 characters)' },
  passwordSaved: { zh: '密码已修改，其他地方已退出', en: 'The password is changed; other sessions have ended' },
  roles: { zh: '我的角色', en: 'My roles' },
  role: { zh: '角色', en: 'Role' },
  place: { zh: '地点', en: 'Place' },
  everywhere: { zh: '不限', en: 'Everywhere' },
  pinForm: { zh: 'PIN 是六位数字', en: 'A PIN has six digits' },
});
