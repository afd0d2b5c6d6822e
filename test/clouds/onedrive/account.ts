import { json } from "../kit/request.ts";
import { drivePath, findDrive, siteId } from "./address.ts";
import type { Context } from "./context.ts";
import type { Drive } from "./drive.ts";
import { accessDenied, itemNotFound } from "./errors.ts";
import type { Method } from "./method.ts";

/** Who it is, and which drives there are. */
export const accountMethods: readonly Method[] = [
  {
    name: "me",
    http: "GET",
    path: /^\/v1\.0\/me$/,
    query: "$select",
    needs: "user",
    handle: ({ context: { user }, query }) => {
      const { id, displayName, userPrincipalName } = user;
      const me = { id, displayName, userPrincipalName, mail: userPrincipalName };
      const select = query.select(new Set(Object.keys(me)));
      const wanted = Object.entries(me).filter(([name]) => select?.has(name) ?? true);
      return json(200, Object.fromEntries(wanted));
    },
  },
  {
    name: "drives.list",
    http: "GET",
    path: /^\/v1\.0\/me\/drives$/,
    query: "",
    needs: "read",
    handle: ({ context }) => json(200, { value: [driveResource(context, context.ownDrive)] }),
  },
  {
    name: "drives.get",
    http: "GET",
    path: drivePath(),
    query: "$select",
    needs: "read",
    handle({ context, request, query }) {
      const drive = findDrive(context, request.params[0] ?? "");
      if (drive === context.otherDrive) throw accessDenied();
      const whole = driveResource(context, drive);
      const select = query.select(new Set(Object.keys(whole)));
      const wanted = Object.entries(whole).filter(([name]) => select?.has(name) ?? true);
      return json(200, Object.fromEntries(wanted));
    },
  },
  {
    name: "sites.get",
    http: "GET",
    path: /^\/v1\.0\/sites\/([^/:]+)(?::\/([^:]+))?$/,
    query: "",
    needs: "sites",
    handle({ context, request }) {
      const [host, path] = request.params.map((part) => decodeURIComponent(part ?? ""));
      const byPath = host === "contoso.sharepoint.com" && path === "sites/team";
      if (context.driveType === "personal" || !(byPath || host === siteId)) throw itemNotFound();
      return json(200, { id: siteId, name: "team", displayName: "Team" });
    },
  },
  {
    name: "sites.drives",
    http: "GET",
    path: /^\/v1\.0\/sites\/([^/]+)\/drives$/,
    query: "",
    needs: "sites",
    handle({ context, request }) {
      if (decodeURIComponent(request.params[0] ?? "") !== siteId) throw itemNotFound();
      const library = context.driveType === "documentLibrary" ? [context.drive] : [];
      return json(200, { value: library.map((drive) => driveResource(context, drive)) });
    },
  },
];

/** A drive as JSON (Graph docs: "drive resource type"). */
function driveResource({ user, limits }: Context, drive: Drive): object {
  return {
    id: drive.id,
    driveType: drive.type,
    name: drive.type === "documentLibrary" ? "Documents" : "OneDrive",
    owner: { user: { id: user.id, displayName: user.displayName } },
    webUrl: "https://onedrive.example/",
    quota: quotaOf(drive, limits.quotaBytes),
  };
}

function quotaOf({ usedBytes: used, binBytes: deleted }: Drive, total: number | null): object {
  if (total === null) return { total: 0, used: 0, remaining: 0, deleted: 0 };
  const remaining = Math.max(0, total - used);
  return { total, used, remaining, deleted, state: stateOf(remaining / total) };
}

function stateOf(free: number): string {
  if (free <= 0) return "exceeded";
  if (free < 0.01) return "critical";
  return free < 0.1 ? "nearing" : "normal";
}
