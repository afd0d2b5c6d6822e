import { type Context, Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Clouds, Observer } from "./observer.ts";
import { type CloudKey, cloudKeys, type Item, Refusal, type SampleCloud } from "./sample-cloud.ts";
import { createFilm } from "./samples.ts";
import { homes } from "./setup.ts";

/** What the stand-ins hold in memory has to end somewhere. */
const maxUploadBytes = 512 * 1024 ** 2;

/** What browsers may show; everything else is only ever downloaded. */
const shownTypes = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["gif", "image/gif"],
  ["webp", "image/webp"],
  ["avif", "image/avif"],
  ["bmp", "image/bmp"],
]);

/** What a person can do in the sample clouds, by HTTP. A refusal is 409 with `{ message }`. */
export function createApi(clouds: Clouds, observer: Observer): Hono {
  const api = new Hono();
  const nextPhoto = createFilm();

  /** Does something, and lets everybody see it at once. */
  function act(c: Context, action: () => void): Response {
    action();
    observer.look();
    return c.body(null, 204);
  }

  api.post("/:cloud/photos", (c) => {
    const cloud = cloudOf(clouds, c);
    const { name, bytes } = nextPhoto();
    return act(c, () => cloud.upload(null, [homes[cloud.key], name], { bytes: bytes() }));
  });

  api.get("/:cloud/items", (c) => c.json(cloudOf(clouds, c).items()));

  api.put("/:cloud/files", async (c) => {
    const cloud = cloudOf(clouds, c);
    const modified = Number(c.req.query("modified") ?? Number.NaN);
    const path = (c.req.query("path") ?? "").split("/");
    const bytes = await bodyOf(c);
    return act(c, () =>
      cloud.upload(c.req.query("parent") ?? null, path, {
        bytes,
        ...(Number.isFinite(modified) && { modifiedAt: new Date(modified) }),
      }),
    );
  });

  api.post("/:cloud/folders", async (c) => {
    const { parent, name } = await c.req.json<{ parent: string | null; name: string }>();
    return act(c, () => cloudOf(clouds, c).makeFolder(parent, name));
  });

  api.patch("/:cloud/items/:id", async (c) => {
    const { name } = await c.req.json<{ name: string }>();
    return act(c, () => cloudOf(clouds, c).rename(itemOf(clouds, c).id, name));
  });

  api.delete("/:cloud/items/:id", (c) =>
    act(c, () => cloudOf(clouds, c).trash(itemOf(clouds, c).id)),
  );

  api.put("/:cloud/items/:id/content", async (c) => {
    const bytes = await bodyOf(c);
    return act(c, () => cloudOf(clouds, c).edit(itemOf(clouds, c).id, bytes));
  });

  api.get("/:cloud/items/:id/content", (c) => {
    const { id, name } = itemOf(clouds, c);
    return new Response(Uint8Array.from(cloudOf(clouds, c).read(id)), {
      headers: contentHeaders(name),
    });
  });

  api.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    if (error instanceof Refusal) return c.json({ message: error.message }, 409);
    process.stderr.write(`${error.stack ?? error.message}\n`);
    return c.json({ message: error.message }, 500);
  });
  return api;
}

function cloudOf(clouds: Clouds, c: Context): SampleCloud {
  const key = cloudKeys.find((each): each is CloudKey => each === c.req.param("cloud"));
  if (key) return clouds[key];
  throw new HTTPException(404, { message: `the clouds are ${cloudKeys.join(", ")}` });
}

function itemOf(clouds: Clouds, c: Context): Item {
  const id = c.req.param("id");
  const item = cloudOf(clouds, c)
    .items()
    .find((each) => each.id === id);
  if (item) return item;
  throw new Refusal("That is no longer there.");
}

async function bodyOf(c: Context): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const piece of c.req.raw.body ?? []) {
    sizeBytes += piece.byteLength;
    if (sizeBytes > maxUploadBytes) throw new Refusal("The demo takes files of up to 512 MiB.");
    pieces.push(piece);
  }
  return Buffer.concat(pieces, sizeBytes);
}

/** Files come from anybody's disk: none of them may run in the page's name. */
function contentHeaders(name: string): Record<string, string> {
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const shown = shownTypes.get(extension);
  const disposition = shown === undefined ? "attachment" : "inline";
  return {
    "content-type": shown ?? "application/octet-stream",
    "content-disposition": `${disposition}; filename*=UTF-8''${encodeURIComponent(name)}`,
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "cache-control": "private, max-age=3600",
  };
}
