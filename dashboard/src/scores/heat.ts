/** Bytes of a heatmap that came as base64. */
export const heatBytes = (base64: string): Uint8Array => {
  const text = atob(base64);
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
};
