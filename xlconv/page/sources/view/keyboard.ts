/** What keys do; letters that are typed into a field, and keys with others held, are left alone. */

import { byId } from "./element";

export type Keys = Record<string, () => void>;

/** Listen for keys by their names; `ofButtons` are those that a button has for itself. */
export function listenToKeys(keys: Keys, ofButtons: Set<string>): void {
  document.addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (/^(input|select|textarea)$/i.test(target.tagName) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (byId<HTMLDialogElement>("keys").open) return;
    const act = Object.hasOwn(keys, event.key) ? keys[event.key] : undefined;
    if (!act || (ofButtons.has(event.key) && /^(button|summary)$/i.test(target.tagName))) return;
    act();
    event.preventDefault();
  });
}
