import { crc32, deflateSync } from "node:zlib";

/** A picture that is painted when asked for, so that the demo has photos without carrying any. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Decides the hills and the grain. */
  readonly seed: number;
  readonly colours: Colours;
}

type Colour = readonly [red: number, green: number, blue: number];

export interface Colours {
  readonly sky: Colour;
  readonly horizon: Colour;
  readonly sun: Colour;
  readonly hills: Colour;
}

/** A landscape as a PNG file. */
export function paintPng(picture: Picture): Uint8Array {
  const { width, height } = picture;
  const pixels = paint(picture);
  const rows = Buffer.alloc(height * (width * 3 + 1));
  for (let y = 0; y < height; y++) {
    pixels.copy(rows, y * (width * 3 + 1) + 1, y * width * 3, (y + 1) * width * 3);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits a channel, red green blue.
  header.set([8, 2], 8);
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  const chunks = [chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", "")];
  return Buffer.concat([signature, ...chunks]);
}

/** A landscape as an uncompressed BMP file: three bytes a pixel, for a width that is a multiple of four. */
export function paintBmp(picture: Picture): Uint8Array {
  const { width, height } = picture;
  const pixels = paint(picture);
  for (let at = 0; at < pixels.length; at += 3) {
    const red = pixels[at] ?? 0;
    pixels[at] = pixels[at + 2] ?? 0;
    pixels[at + 2] = red;
  }
  const header = Buffer.alloc(54);
  header.write("BM", "latin1");
  header.writeUInt32LE(header.length + pixels.length, 2);
  header.writeUInt32LE(header.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  // A negative height: the top row comes first.
  header.writeInt32LE(-height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  return Buffer.concat([header, pixels]);
}

function chunk(type: string, data: Buffer | ""): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), Buffer.from(data)]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(body.length - 4, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** Red, green and blue of each pixel, from the top row down. */
function paint({ width, height, seed, colours }: Picture): Buffer {
  const pixels = Buffer.alloc(width * height * 3);
  const ridges = [0, 1, 2].map((layer) => ridgeOf(layer, seed, width, height));
  const sun = { x: width * (0.25 + ((seed * 0.37) % 0.5)), y: height * 0.38, r: height * 0.09 };
  let grain = seed;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const layer = ridges.filter((ridge) => y > (ridge[x] ?? height)).length;
      const inSun = layer === 0 && (x - sun.x) ** 2 + (y - sun.y) ** 2 < sun.r ** 2;
      const sky = inSun ? colours.sun : blend(colours.sky, colours.horizon, y / (height * 0.6));
      const colour = layer === 0 ? sky : blend(colours.horizon, colours.hills, 0.3 + layer * 0.23);
      grain = (Math.imul(grain, 1664525) + 1013904223) >>> 0;
      const light = ((grain >>> 24) - 128) / 22;
      for (const channel of colour) pixels[at++] = Math.max(0, Math.min(255, channel + light));
    }
  }
  return pixels;
}

/** The height of a chain of hills at each column. */
function ridgeOf(layer: number, seed: number, width: number, height: number): number[] {
  return Array.from({ length: width }, (_, x) => {
    const at = (x / width) * Math.PI * 2 + seed * 1.7 + layer * 2.1;
    const wave = Math.sin(at * (1.2 + layer * 0.4)) + 0.4 * Math.sin(at * 2.7 + layer);
    return height * (0.56 + layer * 0.13) - wave * height * 0.05;
  });
}

function blend(a: Colour, b: Colour, part: number): Colour {
  const t = Math.min(1, Math.max(0, part));
  return [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t, a[2] + (b[2] - a[2]) * t];
}
