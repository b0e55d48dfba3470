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
  not_json: text(400, '内容不是 JSON', 'The content is not JSON', '请检查发送的内容', 'Look at what was sent'),
  no_content: text(400, '没有内容', 'There is no content', '请把内容作为 JSON 发送', 'Send the content as JSON'),
  forbidden_field: text(400, '内容含有不允许的字段名', 'The content holds a field name that is not allowed', '请去掉该字段', 'Leave that field out'),
  malformed_request: text(400, '请求的格式不对', 'The request is malformed', '请检查地址和内容', 'Look at the address and the content'),
  content_invalid: text(422, '内容有误', 'The content is not right', '请更正后再发送；没有写入任何记录', 'Put it right and send again; nothing was written'),
  code_mistaken: text(422, '扫到的不是这里需要的码', 'The code scanned is not the one needed here', '请扫描正确的码；没有写入任何记录', 'Scan the right code; nothing was written'),
  document_refused: text(422, '证件号码不能使用', 'The document number cannot be used', '请核对证件；没有写入任何记录', 'Check the document; nothing was written'),
  outbox_too_long: text(413, '一次最多发送 200 条记录', 'At most 200 records are sent at once', '请分几次发送', 'Send the rest in the next outbox'),
  content_too_large: text(413, '内容太大', 'The content is too large', '请分几次发送', 'Send it in parts'),
  content_type_wrong: text(415, '内容类型不对，应为 application/json', 'The content type is not application/json', '请以 JSON 发送', 'Send it as JSON'),
  address_too_long: text(414, '地址太长', 'The address is too long', '请检查地址', 'Check the address'),
  not_found: text(404, '没有这个地址', 'There is nothing at this address', '请检查地址', 'Check the address'),
  nothing_there: text(404, '没有找到', 'There is no such entry', '请核对编号', 'Check the number'),
  origin_foreign: text(403, '不接受来自其他网站的连接', 'Connections from other sites are not taken', '请从本系统的页面打开', 'Open the page of this system'),
  person_erased: text(410, '本轮次的个人信息已销毁', 'The personal data of this round has been destroyed', '不能再登记人员', 'Nobody can be registered in it any more'),
  step_failed: text(500, '服务内部出错，没有写入任何记录', 'The service failed and nothing was written', '请稍后再发送；若仍不行请联系技术人员', 'Send again later; if it fails again call the operator'),
  record_unreachable: text(503, '暂时无法写入，记录仍保存在本机', 'The record cannot be reached; what you have stays on this device', '请稍后再试，本机会自动重发', 'Try again shortly; the device sends again by itself', 2),
  reads_shed: text(503, '当前繁忙，采样优先', 'The service is busy and swabs go first', '请稍后再查询', 'Look again shortly', 2),
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

  /** `instead` replaces the word and the sentences where a more exact one is known (a document's, a field's). */
  constructor(word: ProblemWord, detail?: Record<string, unknown>, instead?: { word?: string; zh: string; en: string }) {
    const { status, zh, en, nextZh, nextEn, retryAfter } = problems[word] as ProblemText;
    const said = instead?.word ?? word;
    this.body = {
      type: typeOf(said), title: instead?.en ?? en, status, word: said, zh: instead?.zh ?? zh, en: instead?.en ?? en, nextZh, nextEn,
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
