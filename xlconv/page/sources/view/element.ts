/** Elements of the page: whatever comes from a workbook goes in as text, never as markup. */

type Part = Node | string | null | false;

export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name, attributes: Record<string, string>, ...parts: Part[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  for (const part of parts) if (part !== null && part !== false) made.append(part);
  return made;
}

export function button(title: string, act: () => void, label = ""): HTMLButtonElement {
  const made = h("button", { type: "button", ...(label ? { "aria-label": label } : {}) }, title);
  made.addEventListener("click", act);
  return made;
}

export function byId<Element_ extends HTMLElement = HTMLElement>(id: string): Element_ {
  return document.getElementById(id) as Element_;
}
