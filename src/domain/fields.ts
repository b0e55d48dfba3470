// What people type as names, in whatever they are part of.

import { z } from 'zod';

/** Names of sites, stations, teams, villages as the command post types them: short, printable, no control characters. */
export const label = (max: number) => z.string().trim().min(1).max(max).regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]+$/u);
/** Identifiers people choose: they stand in URLs and keys, so letters, digits, dot, dash and underscore only. */
export const identifier = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/);
