// What is wrong with a request before the record has looked at it, or why the record could not be asked: application/problem+json
// (RFC 9457) with the word, the sentence for the person and what to do next, in Chinese and English.
//
// A refusal of the record is not listed here: its sentences stand in domain/refusals.ts and its status in replies.ts. Nothing here ever
// repeats what was sent, since what was sent may be personal data.

import type { FastifyReply } from 'fastify';

interface ProblemText {
  status: number;
  zh: string;
  en: string;
  nextZh: string;
  nextEn: string;
  /** Seconds until it is worth trying again; the record stays on the device meanwhile. */
  retryAfter?: number;
}

const text = (status: number, zh: string, en: string, nextZh: string, nextEn: string, retryAfter?: number): ProblemText =>
  retryAfter === undefined ? { status, zh, en, nextZh, nextEn } : { status, zh, en, nextZh, nextEn, retryAfter };

export const problems = {
  not_json: text(400, '内容不是 JSON，或含有不允许的字段名', 'The content is not JSON, or holds a field name that is never taken', '请检查发送的内容', 'Look at what was sent'),
  no_content: text(400, '没有内容', 'There is no content', '请把内容作为 JSON 发送', 'Send the content as JSON'),
  malformed_request: text(400, '请求的格式不对', 'The request is malformed', '请检查地址和内容', 'Look at the address and the content'),
  content_invalid: text(422, '内容有误', 'The content is not right', '请更正后再发送；没有写入任何记录', 'Put it right and send again; nothing was written'),
  code_mistaken: text(422, '扫到的不是这里需要的码', 'The code scanned is not the one needed here', '请扫描正确的码；没有写入任何记录', 'Scan the right code; nothing was written'),
  document_refused: text(422, '证件号码不能使用', 'The document number cannot be used', '请核对证件；没有写入任何记录', 'Check the document; nothing was written'),
  carried_unreadable: text(422, '代交的记录无法打开', 'What was brought of another device does not open', '请在原设备上重新导出，或让原设备联网', 'Make the copy anew on the first device, or bring it to a network'),
  outbox_too_long: text(413, '一次最多发送 200 条记录', 'At most 200 records are sent at once', '请分几次发送', 'Send the rest in the next outbox'),
  results_too_many: text(413, '一次最多发送 500 个结果', 'At most 500 results are sent at once', '请分几次发送；没有写入任何记录', 'Send the rest in the next request; nothing was written'),
  content_too_large: text(413, '内容太大', 'The content is too large', '请分几次发送', 'Send it in parts'),
  content_type_wrong: text(415, '内容类型不对，应为 application/json', 'The content type is not application/json', '请以 JSON 发送', 'Send it as JSON'),
  address_too_long: text(414, '地址太长', 'The address is too long', '请检查地址', 'Check the address'),
  not_found: text(404, '没有这个地址', 'There is nothing at this address', '请检查地址', 'Check the address'),
  nothing_there: text(404, '没有找到', 'There is no such entry', '请核对编号', 'Check the number'),
  // who asks
  badge_missing: text(401, '请先配对设备或登录', 'Pair this device or sign in first', '请到指挥部配对，或登录', 'Have the command post pair it, or sign in'),
  badge_unknown: text(401, '设备密钥不被承认', 'The key of this device is not known', '请由指挥部重新配对', 'Have the command post pair it anew'),
  badge_revoked: text(401, '此设备已被吊销', 'This device has been revoked', '请交回指挥部', 'Hand it back to the command post'),
  session_ended: text(401, '登录已失效', 'You are signed out', '请重新登录', 'Sign in again'),
  not_allowed: text(403, '没有权限', 'Your role may not do this', '请找有权限的人员', 'Ask somebody whose role it is'),
  staff_unknown: text(403, '没有这张工作牌', 'This staff card is not known', '请扫描登记过的工作牌', 'Scan a staff card that is registered'),
  second_person_needed: text(403, '需要第二人确认', 'A second person must confirm', '请另一位工作人员刷卡并输入 PIN', 'Have another member of staff give card and PIN'),
  device_differs: text(403, '设备名称与密钥不符', 'The records are of another device than the one that sends them', '请用本设备的名称发送', 'Send them under the name of this device'),
  page_foreign: text(403, '不接受来自其他网站的请求', 'Requests from pages of other sites are not taken', '请从本系统的页面操作', 'Use the page of this system'),
  too_many: text(429, '请求太多', 'Too many requests', '请稍后再试，记录仍保存在本机', 'Try again shortly; what you have stays on this device', 30),
  tries_exceeded: text(429, '尝试次数太多', 'Too many attempts', '请一刻钟后再试', 'Try again in a quarter of an hour', 900),
  sign_in_wrong: text(401, '账号或密码不对', 'The account or the password is wrong', '请核对后再试', 'Check both and try again'),
  pin_wrong: text(403, '工作牌或 PIN 不对', 'The card or the PIN is wrong', '请核对后再试', 'Check both and try again'),
  code_unknown: text(403, '没有这个配对码，或已用过', 'There is no such pairing code, or it was used', '请管理员重发配对码', 'Have a new code made'),
  code_void: text(403, '配对码因输错多次已作废', 'The pairing code is void after too many wrong tries', '请管理员重发配对码', 'Have a new code made'),
  link_unknown: text(403, '链接已用过或已过期', 'The link was used or is too old', '请管理员重发链接', 'Have a new link made'),
  account_needed: text(422, '请为新账号取一个没有用过的名字', 'Give a name for the new account that nobody has', '请换一个账号名', 'Choose another name'),
  password_weak: text(422, '密码太容易猜到', 'The password is too easy to guess', '请用至少 10 个字符、不含账号名的密码', 'Use at least 10 characters and not the name of the account'),
  origin_foreign: text(403, '不接受来自其他网站的连接', 'Connections from other sites are not taken', '请从本系统的页面打开', 'Open the page of this system'),
  person_erased: text(410, '本轮次的个人信息已销毁', 'The personal data of this round has been destroyed', '不能再登记人员', 'Nobody can be registered in it any more'),
  person_gone: text(410, '本轮次的个人信息已销毁', 'The personal data of this round has been erased', '人数等统计仍可查询', 'Counts are still there'),
  round_open: text(409, '轮次尚未结束', 'The round is still open', '请先结束轮次', 'Close the round first'),
  entry_broken: text(409, '此人的信息无法打开', 'The entry of this person cannot be opened', '请联系技术人员', 'Call the operator'),
  step_failed: text(500, '服务内部出错，没有写入任何记录', 'The service failed and nothing was written', '请稍后再发送；若仍不行请联系技术人员', 'Send again later; if it fails again call the operator'),
  record_unreachable: text(503, '暂时无法写入，记录仍保存在本机', 'The record cannot be reached; what you have stays on this device', '请稍后再试，本机会自动重发', 'Try again shortly; the device sends again by itself', 2),
  reads_shed: text(503, '当前繁忙，采样优先', 'The service is busy and swabs go first', '请稍后再查询', 'Look again shortly', 2),
  not_ready: text(503, '服务尚未就绪', 'The service is not ready', '请查看 Redis 是否在运行、设置是否正确', 'See whether Redis runs and is set up as it should', 2),
  shutting_down: text(503, '服务正在重启', 'The service is restarting', '请稍后再试', 'Try again shortly', 2),
} as const satisfies Record<string, ProblemText>;

export type ProblemWord = keyof typeof problems;

export interface ProblemBody {
  /** Where the word is explained. */
  type: string;
  title: string;
  status: number;
  word: string;
  zh: string;
  en: string;
  nextZh: string;
  nextEn: string;
  /** More for programs: the path of a field, the kind of a code. Never a value that was sent. */
  detail?: Record<string, unknown>;
}

/** A problem as a value: handlers return it, `sendProblem` puts it on the wire. */
export class Problem {
  readonly body: ProblemBody;
  readonly retryAfter: number | undefined;

  /** `instead` replaces the word and the sentences where a more exact one is known (a document's, a field's, the record's own). */
  constructor(word: ProblemWord, detail?: Record<string, unknown>, instead?: { word?: string; status?: number; zh: string; en: string; nextZh?: string; nextEn?: string }) {
    const { retryAfter, ...usual } = problems[word] as ProblemText;
    const { word: said, status, zh, en, nextZh, nextEn } = { word, ...usual, ...instead };
    this.body = {
      type: typeOf(said), title: en, status, word: said, zh, en, nextZh, nextEn,
      ...(detail ? { detail } : {}),
    };
    this.retryAfter = retryAfter;
  }
}

/** RFC 9457 `type` of a word: the page that explains it. */
export const typeOf = (word: string): string => `/api/docs#${word}`;

/** Media type of problems. */
export const problemType = 'application/problem+json; charset=utf-8';

export function sendProblem(reply: FastifyReply, { body, retryAfter }: Problem): FastifyReply {
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter);
  return reply.code(body.status).header('content-type', problemType).send(JSON.stringify(body));
}
