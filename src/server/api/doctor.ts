import { createRoute, z } from "@hono/zod-openapi";
import type { Engine } from "../engine.ts";
import { answers, createApi, list } from "./kit.ts";

/** What commonly breaks. */

export const finding = z.object({
  about: z.string().meta({ description: "What it is about, such as `disk` or `account drive`." }),
  state: z.enum(["ok", "warn", "fail"]).meta({
    description: "`warn`: it works, and may not for long. `fail`: something can't work as it is.",
  }),
  message: z.string(),
  mend: z.string().nullable().meta({ description: "What to do; null: nothing." }),
});

/** One thing that was looked at. */
export type Finding = Readonly<z.infer<typeof finding>>;

const routes = {
  doctor: createRoute({
    method: "post",
    path: "/about/doctor",
    summary: "Looks for what commonly breaks, as syncline doctor does",
    responses: answers(
      z.object({ ok: z.boolean(), findings: list(finding) }),
      "`ok`: nothing of it fails.",
    ),
  }),
};

export function doctorApi({ examine }: Engine) {
  return createApi().openapi(routes.doctor, async (context) => {
    const findings = await examine();
    return context.json({ ok: findings.every(({ state }) => state !== "fail"), findings }, 200);
  });
}
