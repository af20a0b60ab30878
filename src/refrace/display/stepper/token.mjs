// token.mjs -- the replay token of a run, byte for byte as refrace.traces.token makes it.

const POLYNOMIAL = 0xedb88320;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let c = byte;
  for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? (c >>> 1) ^ POLYNOMIAL : c >>> 1;
  return c >>> 0;
});

/** The CRC-32 of bytes that follow others with the CRC-32 `before`. */
function crc32(bytes, before = 0) {
  let c = ~before >>> 0;
  for (const byte of bytes) c = (c >>> 8) ^ TABLE[(c ^ byte) & 0xff];
  return ~c >>> 0;
}

/** The product of two polynomials modulo that of CRC-32; the high bit is 1. */
function multiplied(a, b) {
  let product = 0;
  for (let bit = 0x80000000; a !== 0 && bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= b;
    b = b & 1 ? (b >>> 1) ^ POLYNOMIAL : b >>> 1;
  }
  return product >>> 0;
}

/** The CRC-32 of two texts in a row, from that of each and the length of the second. */
function joined(first, second, length) {
  let power = 0x80000000; // x^0
  let square = 0x00800000; // x^8: one byte
  for (let n = length; n > 0; n = Math.floor(n / 2)) {
    if (n % 2 === 1) power = multiplied(square, power);
    square = multiplied(square, square);
  }
  return (multiplied(power, first) ^ second) >>> 0;
}

function varint(number) {
  const bytes = [];
  for (; number > 0x7f; number = Math.floor(number / 128)) bytes.push((number & 0x7f) | 0x80);
  return [...bytes, number];
}

/** The codes of a schedule; up to eight equal ones in a row are one number. */
function packed(codes) {
  const bytes = [];
  for (let at = 0; at < codes.length;) {
    let end = at + 1;
    while (end < codes.length && end - at < 8 && codes[end] === codes[at]) end += 1;
    bytes.push(...varint(codes[at] * 8 + end - at - 1));
    at = end;
  }
  return bytes;
}

function bigEndian(number) {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff);
}

/** The token of the steps that a run has taken. */
export function tokenOf(data, run) {
  const text = new TextEncoder();
  let digest = 0;
  let number = 0;
  for (const [, , , step, preempts, edge, sources] of run.walked()) {
    number += 1;
    // What depends on the run stands between the parts: under C11 first the step whose
    // write it reads.
    const known = [String(number), String(preempts)];
    if (step.digest.length === 4) known.unshift(String(sources[edge[3] - 1] ?? 0));
    step.digest.forEach((part, place) => {
      digest = joined(digest, ...part);
      if (place < known.length) digest = crc32(text.encode(known[place]), digest);
    });
  }
  const kind = data.kinds[run.state][0] ?? "";
  const words = Uint8Array.from(atob(data.texts[kind]), (one) => one.charCodeAt(0));
  const schedule = packed(run.taken);
  const body = [0, ...varint(schedule.length), ...schedule, ...bigEndian(digest), ...words];
  const whole = [...body, ...bigEndian(crc32(body))];
  const base64 = btoa(whole.map((byte) => String.fromCharCode(byte)).join(""));
  return `rr1:${base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}
