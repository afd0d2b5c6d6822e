import { randomUUID } from "node:crypto";
import { createRoute, z } from "@hono/zod-openapi";
import { type Contact, labelOf, occasions } from "../../core/contact.ts";
import type { Engine } from "../engine.ts";
import { Refused } from "../problem.ts";
import { answers, createApi, done, instant, isDone, list, takes, unknown } from "./kit.ts";
import { inFile } from "./named.ts";

/** Who is told of what, and whether it arrives. */

const contact = z
  .object({
    id: z.string(),
    place: z.enum(["file", "dashboard"]),
    kind: z.enum(["mail", "webhook", "slack", "ntfy"]),
    to: z.string().meta({ description: "For people: shows no secret." }),
    when: list(z.enum(occasions)),
    staleAfterMs: z.number(),
    signed: z.boolean().meta({ description: "Whether a webhook's calls are signed." }),
    waiting: z.number().int().meta({ description: "Notices on their way." }),
    problem: z.string().nullable().meta({ description: "Why the oldest of them is." }),
    deliveredAt: instant.nullable(),
    givenUpAt: instant.nullable().meta({
      description: "When one was given up after a day, where none was delivered since.",
    }),
  })
  .openapi("Contact");

const fields = z
  .object({
    when: z.array(z.enum(occasions)),
    to: z.string(),
    secret: z.string().optional(),
    staleAfter: z.string().optional(),
  })
  .openapi("ContactFields", { description: "As an entry of notify in a syncline.yaml." });

const contactId = { params: z.object({ id: z.string() }) };

const routes = {
  list: createRoute({
    method: "get",
    path: "/notifications",
    summary: "Who is told when a rule needs somebody",
    responses: answers(
      z.object({
        contacts: list(contact),
        file: z.string().meta({ description: "The configuration file." }),
      }),
      "Those of the file first.",
    ),
  }),
  create: createRoute({
    method: "post",
    path: "/notifications",
    summary: "Has somebody told",
    request: takes(fields),
    responses: answers(contact, "The new one."),
  }),
  remove: createRoute({
    method: "delete",
    path: "/notifications/{id}",
    summary: "Has somebody told no longer",
    request: contactId,
    responses: answers(done, "It is gone, with what was on its way."),
  }),
  test: createRoute({
    method: "post",
    path: "/notifications/{id}/test",
    summary: "Sends a test, and waits for what comes of it",
    request: contactId,
    responses: answers(
      z.object({ delivered: z.boolean(), message: z.string() }),
      "Whether it was taken.",
    ),
  }),
};

export function notificationsApi(engine: Engine) {
  const { notifier } = engine;
  const find = (id: string): Contact => {
    const found = engine.current().config.notify.find((each) => each.id === id);
    if (!found) throw unknown("notification", id);
    return found;
  };

  function factsOf(each: Contact): z.input<typeof contact> {
    const { id, place, channel, when, staleAfterMs, secret } = each;
    const { waiting, error, deliveredAt, givenUpAt } = notifier.deliveries(each);
    return {
      id,
      place,
      kind: channel.kind,
      to: labelOf(channel),
      when,
      staleAfterMs,
      signed: secret !== null,
      waiting,
      problem: error,
      deliveredAt: deliveredAt?.toISOString() ?? null,
      givenUpAt: givenUpAt?.toISOString() ?? null,
    };
  }

  return createApi()
    .openapi(routes.list, (context) =>
      context.json(
        { contacts: engine.current().config.notify.map(factsOf), file: engine.file },
        200,
      ),
    )
    .openapi(routes.create, async (context) => {
      const id = randomUUID();
      const given = context.req.valid("json");
      const draft = engine.draft((made) => made.putContact(id, given));
      const made = draft.config.notify.find((each) => each.id === id);
      const message = made ? await notifier.refusal(made) : null;
      if (message !== null) throw new Refused(422, { code: "invalid", message, field: "to" });
      await engine.change((made) => made.putContact(id, given));
      return context.json(factsOf(find(id)), 200);
    })
    .openapi(routes.remove, async (context) => {
      const { id } = context.req.valid("param");
      if (find(id).place === "file") throw inFile("This notification", engine);
      await engine.change((made) => made.removeContact(id));
      return context.json(isDone, 200);
    })
    .openapi(routes.test, async (context) => {
      const problem = await notifier.test(find(context.req.valid("param").id));
      const message = problem ?? "It was taken. Look whether it has arrived.";
      return context.json({ delivered: problem === null, message }, 200);
    });
}
