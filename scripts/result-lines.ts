/** How results are printed on a terminal. */

export function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

export function round(value: number | null): string {
  return value === null ? 'too little data' : value.toFixed(2);
}
