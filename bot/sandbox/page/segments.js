// How many SMS segments a text takes (3GPP TS 23.038).

const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("\f^{}\\[~]|€");

export function segments(text) {
  const letters = [...text];
  const gsm = letters.every((letter) => BASIC.has(letter) || EXTENDED.has(letter));
  const sizes = letters.map((letter) => (gsm ? (EXTENDED.has(letter) ? 2 : 1) : letter.length));
  const size = sizes.reduce((sum, each) => sum + each, 0);
  const [alone, joined] = gsm ? [160, 153] : [70, 67];
  return { size, count: size <= alone ? 1 : packed(sizes, joined), encoding: gsm ? "GSM-7" : "UCS-2" };
}

function packed(sizes, room) {
  let [count, left] = [1, room];
  for (const size of sizes) {
    if (size > left) [count, left] = [count + 1, room];
    left -= size;
  }
  return count;
}
