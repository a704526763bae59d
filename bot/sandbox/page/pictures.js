// Pictures for MMS: one drawn here as a sample, and any as base64.

const LINES = ["METRO FUEL & WASH", "09/14  21:47  PUMP 6", "UNLEADED   18.204 GAL", "TOTAL         $61.87", "CARD: CITY FLEET 0114", "PLATE: (NOT A CITY CAR)"];

export function samplePicture() {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [480, 600];
  draw(canvas.getContext("2d"));
  return new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
}

export async function toBase64(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters);
}

function draw(pen) {
  pen.fillStyle = "#6f5b45";
  pen.fillRect(0, 0, 480, 600);
  pen.translate(240, 300);
  pen.rotate(-0.05);
  pen.fillStyle = "#fbfaf4";
  pen.fillRect(-165, -245, 330, 490);
  pen.fillStyle = "#2b2b2b";
  pen.font = "21px monospace";
  pen.textAlign = "center";
  LINES.forEach((line, at) => pen.fillText(line, 0, -170 + at * 58));
  for (let x = -120; x < 120; x += 7) pen.fillRect(x, 165, 2 + ((x * x) % 4), 46);
}
