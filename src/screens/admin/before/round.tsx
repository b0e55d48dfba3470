// The wizard's first step: what the round is called, and by which rules it goes.

import { useEffect, useState } from 'preact/hooks';
import type { RoundRules } from '../../../domain/roundRules.js';
import { cellPath, get, type Problem } from '../../door/http.js';
import { Button, Checkbox, ErrorSummary, Field, Form, Select } from '../../parts/controls.js';
import { ProblemNote, Table } from '../../parts/showing.js';
import { Text } from '../../parts/text.js';
import { type Phrase, say } from '../../words/language.js';
import { Arrive } from '../arrive.js';
import { cells, go, here, opened } from '../here.js';
import { type Draft, draft, nameDraft, plan } from './draft.js';
import { identifierForm } from './plan.js';
import { finishForm, limits, poolSizes, tubeRulesIn } from './rules.js';
import { roundWords as words, setupWords } from './words.js';

/** Names that the service's own cells have. */
const reserved = ['system', 'codes'];

/** Is enough said of the round for the next steps? */
export const roundIsPlanned = ({ name, round, area }: Draft): boolean => name.trim() !== '' && identifierForm.test(round) && identifierForm.test(area);

function mistakes(of: Draft, typed: Readonly<Record<string, string>>): { field: string; text: string }[] {
  const found: { field: string; text: string }[] = [];
  const code = (field: keyof Draft & string, label: Phrase, empty = false): void => {
    const value = String(of[field]);
    if (empty && value === '') return;
    if (!identifierForm.test(value)) found.push({ field: `round-${field}`, text: say(words.needCode, { field: say(label) }) });
    else if (field === 'round' && reserved.includes(value)) found.push({ field: 'round-round', text: say(words.reserved) });
  };
  if (of.name.trim() === '' || of.name.length > 60) found.push({ field: 'round-name', text: say(words.needName) });
  code('round', words.code);
  code('area', words.area);
  code('laboratory', words.laboratory, true);
  if (of.laboratory !== '' && of.laboratory === of.area) found.push({ field: 'round-laboratory', text: say(words.sameCode) });
  if (of.finishBy !== '' && !finishForm.test(of.finishBy)) found.push({ field: 'round-finishBy', text: say(words.needTime) });
  if (tubeRulesIn(of.foreignTubes ?? '') === undefined) found.push({ field: 'round-foreignTubes', text: say(words.needTubeRules) });
  for (const { name, words: label, min, max } of [...limits, ...walking]) {
    const value = Number(typed[name] ?? (name === 'nearest' || name === 'walkMetersMax' ? of.assignment[name] : of.limits[name]));
    if (!Number.isInteger(value) || value < min || value > max || typed[name]?.trim() === '') found.push({ field: `limit-${name}`, text: say(words.needNumber, { field: say(label), min, max }) });
  }
  return found;
}

const walking = [
  { name: 'nearest' as const, words: words.nearestMany, standard: 3, min: 1, max: 20 },
  { name: 'walkMetersMax' as const, words: words.walk, standard: 3000, min: 100, max: 100_000 },
];

export function Round() {
  return opened.value ? <RulesInForce /> : <Plan />;
}

function Plan() {
  const of = draft.value;
  const [errors, setErrors] = useState<{ field: string; text: string }[]>([]);
  // What stands in a field of numbers while it is being typed; only whole numbers within their limits reach the draft.
  const [typed, setTyped] = useState<Record<string, string>>({});
  const errorOf = (field: string): string | undefined => errors.find((error) => error.field === field)?.text;
  const send = (): void => {
    const found = mistakes(of, typed);
    setErrors(found);
    if (found.length > 0) {
      if (found.some(({ field }) => field.startsWith('limit-'))) (document.getElementById('limits') as HTMLDetailsElement).open = true;
      return;
    }
    const cell = { round: of.round, area: of.area };
    nameDraft(cell);
    go({ cell, step: cells.value?.some((one) => one.round === cell.round && one.area === cell.area) ? 'day' : 'roster' });
  };
  const text = (field: 'name' | 'round' | 'area' | 'laboratory' | 'laboratoryName' | 'finishBy', label: Phrase, hint?: Phrase) => (
    <Field label={label} value={of[field]} onInput={(value) => plan({ [field]: field.endsWith('ame') ? value : value.normalize('NFKC').trim() })} error={errorOf(`round-${field}`)} id={`round-${field}`} maxLength={60} {...(hint ? { hint } : {})} />
  );
  const number = ({ name, words: label, standard, min, max }: { name: string; words: Phrase; standard: number; min: number; max: number }, value: number, set: (value: number) => void) => (
    <Field key={name} label={label} value={typed[name] ?? String(value)} type="text" inputMode="numeric" id={`limit-${name}`} error={errorOf(`limit-${name}`)} onInput={(given) => {
      setTyped({ ...typed, [name]: given });
      const read = Number(given);
      if (given.trim() !== '' && Number.isInteger(read) && read >= min && read <= max) set(read);
    }} hint={{ zh: fill(words.limitHint.zh, { min, max, standard }), en: fill(words.limitHint.en, { min, max, standard }) }} />
  );
  const pool = (group: 'normal' | 'key' | 'high') => (
    <Select key={group} label={words[group]} value={String(of.pools[group])} id={`pool-${group}`} onChoose={(size) => plan({ pools: { ...of.pools, [group]: Number(size) } })}
      choices={poolSizes.map((size) => ({ value: String(size), words: size === 1 ? words.single : { zh: fill(words.inOne.zh, { n: size }), en: fill(words.inOne.en, { n: size }) } }))} />
  );
  return (
    <>
      <Arrive words={setupWords.round} />
      <p><Text of={words.intro} /></p>
      <ErrorSummary errors={errors} />
      <Form onSend={send}>
        <div class="columns">
          {text('name', words.name, words.nameHint)}
          {here.value.cell ? null : text('round', words.code, words.codeHint)}
          {here.value.cell ? null : text('area', words.area, words.codeHint)}
          {text('finishBy', words.finishBy, words.finishByHint)}
          {text('laboratory', words.laboratory, words.laboratoryHint)}
          {of.laboratory === '' ? null : text('laboratoryName', words.laboratoryName)}
        </div>
        <h3><Text of={words.pools} /></h3>
        <div class="columns">{(['normal', 'key', 'high'] as const).map(pool)}</div>
        <div class="columns">
          <Select label={words.household} value={of.household} id="household" onChoose={(household) => plan({ household })}
            choices={[{ value: 'together', words: words.together }, { value: 'own', words: words.own }, { value: 'ignore', words: words.ignore }]} />
          <Select label={words.assignment} value={of.assignment.rule} id="assignment" onChoose={(rule) => plan({ assignment: { ...of.assignment, rule } })}
            choices={[{ value: 'nearest', words: words.nearest }, { value: 'own', words: words.ownSite }, { value: 'any', words: words.any }]} />
          {of.assignment.rule === 'nearest' ? walking.map((one) => number(one, of.assignment[one.name], (value) => plan({ assignment: { ...of.assignment, [one.name]: value } }))) : null}
        </div>
        <Checkbox label={words.knownStaff} checked={of.knownStaff} onCheck={(knownStaff) => plan({ knownStaff })} />
        <Field label={words.foreignTubes} hint={words.foreignTubesHint} value={of.foreignTubes ?? ''} onInput={(foreignTubes) => plan({ foreignTubes })} error={errorOf('round-foreignTubes')} id="round-foreignTubes" maxLength={200} />
        <details id="limits">
          <summary><Text of={words.limits} /></summary>
          <div class="columns">{limits.map((one) => number(one, of.limits[one.name], (value) => plan({ limits: { ...of.limits, [one.name]: value } })))}</div>
        </details>
        <div class="row"><Button words={words.toRoster} tone="info" submit id="round-next" onPress={() => undefined} /></div>
      </Form>
    </>
  );
}

const fill = (text: string, values: Record<string, number>): string => text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]));

/** After the opening the rules are the record's. */
function RulesInForce() {
  const { cell } = here.value;
  const [rules, setRules] = useState<RoundRules | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  useEffect(() => {
    if (cell) void get<{ rules: RoundRules }>(cellPath(cell)).then((reply) => (reply.ok ? setRules(reply.value.rules) : setProblem(reply.problem)));
  }, [cell?.round, cell?.area]);
  const size = (n: number): string => (n === 1 ? say(words.single) : say(words.inOne, { n }));
  const rows = rules && rules.poolSizes ? [
    { rule: words.normal, value: size(rules.poolSizes.normal) }, { rule: words.key, value: size(rules.poolSizes.key) }, { rule: words.high, value: size(rules.poolSizes.high) },
    { rule: words.household, value: say(words[rules.household]) }, { rule: words.assignment, value: say(rules.assignment.rule === 'own' ? words.ownSite : words[rules.assignment.rule]) },
    { rule: words.finishBy, value: rules.finishBy ?? '–' }, { rule: words.laboratory, value: rules.laboratory ?? '–' }, { rule: words.foreignTubes, value: rules.foreignTubes?.map(({ name }) => name).join(', ') ?? '–' }, ...limits.map(({ name, words: rule }) => ({ rule, value: String(rules[name]) })),
  ] : [];
  return (
    <>
      <Arrive words={words.isOpen} />
      {problem ? <ProblemNote problem={problem} /> : null}
      <p><b class="name">{opened.value?.name}</b></p>
      <Table caption={words.summary} rows={rows} rowKey={({ rule }) => rule.en} columns={[{ head: words.rule, cell: ({ rule }) => <Text of={rule} plain /> }, { head: words.value, cell: ({ value }) => value }]} />
    </>
  );
}
