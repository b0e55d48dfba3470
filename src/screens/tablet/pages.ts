// Which page a device works on, by what it is paired as.

import type { Role } from '../../domain/roles.js';

const pages: Partial<Record<Role, string>> = { station: '/station', supervisor: '/station', desk: '/desk', packer: '/pack', courier: '/pack', lab: '/lab', wall: '/wall' };

/** A screen that hangs at a site calls its people; one of the whole area shows the drive. */
export const pageOf = (role: string, site?: string): string => (role === 'wall' && site ? '/call' : (pages[role as Role] ?? '/'));
