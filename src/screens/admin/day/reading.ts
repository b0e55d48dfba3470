// Reading for a room: asked at once and again every few seconds while the room is shown; what was shown stays when an answer fails.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { CellName } from '../../../domain/requests.js';
import { cellPath, get, type Problem } from '../../door/http.js';
import type { StationNames } from './fields.js';

export interface Reading<Value> {
  value: Value | undefined;
  problem: Problem | undefined;
  /** Reads again now. */
  again(): Promise<void>;
}

/** `path` undefined: nothing is read. `everyMs` 0: once. */
export function useReading<Value>(path: string | undefined, everyMs = 5000): Reading<Value> {
  const [value, setValue] = useState<Value | undefined>(undefined);
  const [problem, setProblem] = useState<Problem | undefined>(undefined);
  const turn = useRef(0);
  const read = async (): Promise<void> => {
    if (path === undefined) return;
    const mine = turn.current;
    const reply = await get<Value>(path);
    if (mine !== turn.current) return;
    setProblem(reply.ok ? undefined : reply.problem);
    if (reply.ok) setValue(reply.value);
  };
  useEffect(() => {
    turn.current++;
    setValue(undefined);
    void read();
    if (everyMs === 0) return undefined;
    const timer = setInterval(() => void read(), everyMs);
    return () => clearInterval(timer);
  }, [path]);
  return { value, problem, again: read };
}

/** Names of the cell's stations, by the ordinal under which the record knows them. */
export function useStations(cell: CellName): StationNames {
  const { value } = useReading<{ stations: { ordinal: number; station: string }[] }>(`${cellPath(cell)}/stations`, 60_000);
  return useMemo(() => new Map(value?.stations.map(({ ordinal, station }) => [ordinal, station])), [value]);
}
