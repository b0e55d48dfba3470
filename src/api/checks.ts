// Checking what was sent against its zod schema, the one source, and saying in words what is wrong with it.
//
// A schema without transforms is also compiled to a JSON Schema check by ajv, which is several times faster than zod. It only ever says
// yes: what it does not take goes to zod, whose word is final and who knows why (test/api/checks.test.ts holds the two against each other).

import { Ajv, type ValidateFunction } from 'ajv';
import { z } from 'zod';

export type Checked<Value> = { ok: true; value: Value } | { ok: false; faults: Fault[] };

/** One thing that is wrong: where, which kind of wrong, and the sentence. Holds nothing of what was sent. */
export interface Fault {
  /** `body.party[0].number`; empty for the whole. */
  path: string;
  fault: 'missing' | 'type' | 'small' | 'large' | 'form' | 'choice' | 'unknown_field' | 'other';
  zh: string;
  en: string;
}

export interface Check<Value> {
  /** The value with its defaults filled in, or what is wrong. May fill defaults into `value` itself. */
  (value: unknown): Checked<Value>;
  /** Only the fast half: true means good and complete; false means that it must be asked again. */
  readonly quick: ((value: unknown) => boolean) | undefined;
}

const ajv = new Ajv({ useDefaults: true, strict: false, coerceTypes: false, allErrors: false });

export function compileCheck<Schema extends z.ZodType>(schema: Schema): Check<z.output<Schema>> {
  const quick: ValidateFunction | undefined = isPlain(schema) ? ajv.compile(jsonSchema(schema, 'draft-7')) : undefined;
  const check = (value: unknown): Checked<z.output<Schema>> => {
    if (quick?.(value)) return { ok: true, value: value as z.output<Schema> };
    const read = schema.safeParse(value);
    return read.success ? { ok: true, value: read.data } : { ok: false, faults: read.error.issues.map((issue) => faultOf(issue, value)) };
  };
  return Object.assign(check, { quick: quick as ((value: unknown) => boolean) | undefined });
}

/** A zod schema as JSON Schema, as a sender may write it. */
export const jsonSchema = (schema: z.ZodType, target: 'draft-7' | 'draft-2020-12'): Record<string, unknown> => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target, io: 'input', unrepresentable: 'any' });
  return rest;
};

const plainTypes = new Set(['object', 'array', 'string', 'number', 'boolean', 'enum', 'literal', 'union', 'optional', 'default', 'unknown', 'never']);

/** Does taking a value by this schema change nothing of it but missing defaults? Then JSON Schema can say the same. */
export function isPlain(schema: unknown): boolean {
  const { def } = (schema as { _zod: { def: Record<string, unknown> } })._zod;
  if (!plainTypes.has(def['type'] as string) || def['coerce'] === true) return false;
  const checks = [...((def['checks'] as unknown[] | undefined) ?? []), ...(def['check'] ? [schema] : [])];
  for (const check of checks) {
    const { check: kind, pattern } = (check as { _zod: { def: { check: string; pattern?: RegExp } } })._zod.def;
    if (kind === 'overwrite' || kind === 'custom') return false;
    // ajv compiles every pattern with the flag u and no other.
    if (pattern && !['', 'u'].includes(pattern.flags)) return false;
  }
  const shape = def['shape'] as Record<string, unknown> | undefined;
  const inner = [def['element'], def['innerType'], def['catchall'], ...((def['options'] as unknown[] | undefined) ?? []), ...(shape ? Object.values(shape) : [])];
  return inner.every((part) => part === undefined || isPlain(part));
}

const typeWords: Record<string, { zh: string; en: string }> = {
  string: { zh: '文本', en: 'text' }, number: { zh: '数字', en: 'a number' }, int: { zh: '整数', en: 'a whole number' },
  boolean: { zh: 'true 或 false', en: 'true or false' }, object: { zh: '对象', en: 'an object' }, array: { zh: '列表', en: 'a list' },
};

type Issue = z.core.$ZodIssue;

function faultOf(issue: Issue, sent: unknown): Fault {
  const path = pathOf(issue.path);
  const say = (fault: Fault['fault'], zh: string, en: string): Fault => ({ path, fault, zh, en });
  if (valueAt(sent, issue.path) === undefined && issue.code !== 'unrecognized_keys') return say('missing', '缺少此项', 'is missing');
  switch (issue.code) {
    case 'invalid_type': {
      const word = typeWords[issue.expected] ?? { zh: '另一种类型', en: 'of another type' };
      return say('type', `应为${word.zh}`, `must be ${word.en}`);
    }
    case 'too_small':
    case 'too_big': {
      const small = issue.code === 'too_small';
      const limit = small ? issue.minimum : issue.maximum;
      const unit = issue.origin === 'string' ? { zh: '个字符', en: ' characters' } : issue.origin === 'array' ? { zh: '项', en: ' entries' } : { zh: '', en: '' };
      return small ? say('small', `不能小于 ${limit}${unit.zh}`, `must be at least ${limit}${unit.en}`) : say('large', `不能大于 ${limit}${unit.zh}`, `must be at most ${limit}${unit.en}`);
    }
    case 'invalid_format':
      return say('form', '格式不对', 'does not have the right form');
    case 'invalid_value': {
      const values = issue.values.map(String).join(', ');
      return say('choice', `应为以下之一：${values}`, `must be one of ${values}`);
    }
    case 'unrecognized_keys':
      return say('unknown_field', '含有未知字段', 'holds a field that is not known');
    default:
      return say('other', '不正确', 'is not right');
  }
}

const pathOf = (path: readonly PropertyKey[]): string =>
  path.map((part, i) => (typeof part === 'number' ? `[${part}]` : `${i === 0 ? '' : '.'}${String(part)}`)).join('');

function valueAt(sent: unknown, path: readonly PropertyKey[]): unknown {
  let value = sent;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

/** All faults in one sentence each language, the first three spelled out. */
export function sentenceOf(faults: readonly Fault[]): { zh: string; en: string } {
  const told = faults.slice(0, 3);
  const more = faults.length - told.length;
  return {
    zh: told.map(({ path, zh }) => `${path || '内容'}：${zh}`).join('；') + (more > 0 ? `；另有 ${more} 处` : ''),
    en: told.map(({ path, en }) => `${path || 'The content'} ${en}`).join('; ') + (more > 0 ? `; and ${more} more` : ''),
  };
}
