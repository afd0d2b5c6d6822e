import { expect, test } from "vitest";
import { codeOf, deltaRound, startCloud, uploadAll } from "./onedrive/harness.ts";

test("smoke", async () => {
  const h = await startCloud();
  h.files.put("a/b.txt", "hello");
  const round = await deltaRound(h);
  console.log(JSON.stringify(round, null, 1));
  console.log(JSON.stringify(await h.get("/me/drive/root:/a/b.txt"), null, 1));
  const s = await h.send("POST", "/me/drive/root:/a/c.txt:/createUploadSession", {
    item: { "@microsoft.graph.conflictBehavior": "replace", name: "c.txt" },
  });
  const up = await uploadAll(s.uploadUrl, Buffer.from("world"));
  console.log(up.status, await up.json());
  const c = await h.request("/me/drive/root:/a/c.txt:/content", { redirect: "follow" });
  expect(await c.text()).toBe("world");
  console.log(JSON.stringify(await deltaRound(h, round.link), null, 1));
  console.log(await codeOf(await h.request("/me/nothing")));
});
