/** A colour of the look as the canvas takes it: `var()` and `light-dark()` resolved where an element is. */
export function lookColour(element: HTMLElement, name: string): string {
  const before = element.style.color;
  element.style.color = `var(--${name})`;
  const colour = getComputedStyle(element).color;
  element.style.color = before;
  return colour;
}
