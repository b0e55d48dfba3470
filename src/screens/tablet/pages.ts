// Which page a device works on, by what it is paired as.

import type { Role } from '../../domain/roles.js';

const pages: Partial<Record<Role, string>> = { station: '/station', supervisor: '/station', desk: '/desk', packer: '/pack', courier: '/pack', lab: '/lab', wall: '/wall' };

export const pageOf = (role: string): string => pages[role as Role] ?? '/';
