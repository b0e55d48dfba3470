// A name as it is compared: what a keyboard, a card reader or a list writes differently and people read as the same is made the same.

/** `买买提·阿里`, `买买提 • 阿里` and `买买提阿里` are one name, and so are `Ana Maria` and `ANA-MARIA`; 李明 and 李小明 are two. Empty where nothing is left. */
export function comparedName(name: string): string {
  return name.normalize('NFKC').replace(/[\s.,'’`·•・‧∙⋅᛫()（）\-]+/gu, '').toLowerCase();
}
