// Which version of the pages this is: the build writes its name in.

declare const __SWABLINE_BUILD__: string | undefined;

export const version = typeof __SWABLINE_BUILD__ === 'string' ? __SWABLINE_BUILD__ : 'source';
