// A camera sees the same code ten times a second. It counts once, and again only after it was out of the picture for a while.

export interface Seen {
  /** Is this a new scan? `at` in ms. */
  isNew(text: string, at: number): boolean;
}

export function makeSeen(forgetMs = 2500): Seen {
  const last = new Map<string, number>();
  return {
    isNew(text, at) {
      for (const [known, when] of last) if (at - when > forgetMs) last.delete(known);
      const known = last.has(text);
      last.set(text, at);
      return !known;
    },
  };
}
