/** Shows another icon in the tab. */

const ICONS = 'link[rel~="icon"]';
/** What says which of several icons fits: of the other one it says nothing. */
const ATTRIBUTES = ['href', 'type', 'sizes', 'media'] as const;

type Attributes = readonly (readonly [name: string, value: string | null])[];

/**
 * Has every icon of the page show this one, also those that the app adds meanwhile.
 *
 * @returns Its own undo.
 */
export function showTabIcon(href: string): () => void {
  const plain = new Map<HTMLLinkElement, Attributes>();
  let own: HTMLLinkElement | null = null;

  function apply(): void {
    const links = [...document.head.querySelectorAll<HTMLLinkElement>(ICONS)];
    for (const link of links) {
      if (link.getAttribute('href') === href) continue;
      plain.set(
        link,
        ATTRIBUTES.map((name) => [name, link.getAttribute(name)]),
      );
      setAttributes(link, [...ATTRIBUTES.map((name) => [name, null] as const), ['href', href]]);
    }
    if (links.length > 0) return;
    own = document.createElement('link');
    setAttributes(own, [
      ['rel', 'icon'],
      ['href', href],
    ]);
    document.head.append(own);
  }

  apply();
  const observer = new MutationObserver(apply);
  observer.observe(document.head, { childList: true });
  return () => {
    observer.disconnect();
    own?.remove();
    for (const [link, attributes] of plain) setAttributes(link, attributes);
  };
}

function setAttributes(link: HTMLLinkElement, attributes: Attributes): void {
  for (const [name, value] of attributes) {
    if (value === null) link.removeAttribute(name);
    else link.setAttribute(name, value);
  }
}
