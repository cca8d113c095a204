/** The last so many numbers, as plain data in a ring. */

export interface Window {
  /** How many it holds when full. */
  readonly size: number;
  /** Fewer than `size` while it fills. */
  readonly values: number[];
  /** Place of the oldest when full. */
  next: number;
}

export function newWindow(size: number): Window {
  return { size, values: [], next: 0 };
}

/** Takes a number in; the one that had to leave, or `null` while it fills. */
export function push(window: Window, value: number): number | null {
  const { values, size } = window;
  if (values.length < size) {
    values.push(value);
    return null;
  }
  const left = values[window.next] ?? 0;
  values[window.next] = value;
  window.next = window.next + 1 === size ? 0 : window.next + 1;
  return left;
}

export function isFull(window: Window): boolean {
  return window.values.length === window.size;
}

/** The number taken in `back` pushes ago, 0 for the newest. */
export function valueAt(window: Window, back: number): number {
  const { values, next, size } = window;
  const index = values.length < size ? values.length - 1 - back : next - 1 - back;
  return values[index < 0 ? index + size : index] ?? 0;
}

export function highest(window: Window): number {
  const { values } = window;
  let top = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < values.length; index += 1) if ((values[index] as number) > top) top = values[index] as number;
  return top;
}

export function lowest(window: Window): number {
  const { values } = window;
  let bottom = Number.POSITIVE_INFINITY;
  for (let index = 0; index < values.length; index += 1) if ((values[index] as number) < bottom) bottom = values[index] as number;
  return bottom;
}

export function mean({ values }: Window): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index] as number;
  return sum / values.length;
}

/** Square root of the mean squared distance from the mean, of all values (not of a sample). In two passes: nothing cancels out. */
export function deviation({ values }: Window, average: number): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) {
    const distance = (values[index] as number) - average;
    sum += distance * distance;
  }
  return Math.sqrt(sum / values.length);
}
