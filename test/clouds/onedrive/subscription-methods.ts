import { z } from "zod";
import { type Answer, json } from "../kit/request.ts";
import { itemAt, itemPath, readAddress } from "./address.ts";
import type { Context } from "./context.ts";
import type { Drive } from "./drive.ts";
import { accessDenied, GraphError, invalidRequest } from "./errors.ts";
import type { Item } from "./item.ts";
import type { Call, Method } from "./method.ts";
import { validate } from "./notifications.ts";
import type { Subscription } from "./subscriptions.ts";

const instant = z.iso.datetime({ offset: true });
const createShape = z.strictObject({
  changeType: z.string(),
  notificationUrl: z.url(),
  lifecycleNotificationUrl: z.url().optional(),
  resource: z.string(),
  expirationDateTime: instant,
  clientState: z.string().max(128).optional(),
  latestSupportedTlsVersion: z.string().optional(),
});

const one = /^\/v1\.0\/subscriptions\/([^/]+)$/;

/** Graph docs: "subscription resource type". */
export const subscriptionMethods: readonly Method[] = [
  {
    name: "subscriptions.create",
    http: "POST",
    path: /^\/v1\.0\/subscriptions$/,
    query: "",
    needs: "write",
    handle: create,
  },
  {
    name: "subscriptions.list",
    http: "GET",
    path: /^\/v1\.0\/subscriptions$/,
    query: "",
    needs: "read",
    handle({ context, grant }) {
      const mine = context.subscriptions
        .list()
        .filter(({ clientId }) => clientId === grant.clientId);
      return json(200, { value: mine.map(resourceOf) });
    },
  },
  {
    name: "subscriptions.get",
    http: "GET",
    path: one,
    query: "",
    needs: "read",
    handle: (call) => json(200, resourceOf(subscriptionOf(call))),
  },
  {
    name: "subscriptions.update",
    http: "PATCH",
    path: one,
    query: "",
    needs: "write",
    async handle(call) {
      const subscription = subscriptionOf(call);
      const { expirationDateTime } = await call.body(
        z.strictObject({ expirationDateTime: instant }),
      );
      subscription.expiresAt = readExpiry(call.context, expirationDateTime);
      subscription.needsReauthorization = false;
      return json(200, resourceOf(subscription));
    },
  },
  {
    name: "subscriptions.delete",
    http: "DELETE",
    path: one,
    query: "",
    needs: "write",
    handle(call) {
      call.context.subscriptions.remove(subscriptionOf(call).id);
      return { status: 204 };
    },
  },
  {
    name: "subscriptions.reauthorize",
    http: "POST",
    path: /^\/v1\.0\/subscriptions\/([^/]+)\/reauthorize$/,
    query: "",
    needs: "write",
    handle(call) {
      subscriptionOf(call).needsReauthorization = false;
      return { status: 204 };
    },
  },
];

/** @throws GraphError 404 for one that is not there, has expired, or is another application's */
function subscriptionOf({ context, request, grant }: Call): Subscription {
  const found = context.subscriptions.find(request.params[0] ?? "");
  if (found?.clientId === grant.clientId) return found;
  throw new GraphError(404, "ResourceNotFound", "The object was not found.");
}

async function create(call: Call): Promise<Answer> {
  const { context, grant } = call;
  const body = await call.body(createShape);
  if (body.changeType !== "updated") {
    throw invalidRequest("Only 'updated' is supported as changeType of drive items.");
  }
  const { drive, folder } = folderOf(context, body.resource);
  const scope = drive.type === "personal" ? "Files.ReadWrite" : "Files.ReadWrite.All";
  if (!grant.scopes.includes(scope) && !grant.scopes.includes("Files.ReadWrite.All"))
    throw accessDenied();
  const expiresAt = readExpiry(context, body.expirationDateTime);
  const { notificationUrl, lifecycleNotificationUrl = null, clientState = null, resource } = body;
  for (const url of [
    notificationUrl,
    ...(lifecycleNotificationUrl === null ? [] : [lifecycleNotificationUrl]),
  ]) {
    await checkAddress(context, url);
  }
  const added = context.subscriptions.add({
    clientId: grant.clientId,
    resource,
    driveId: drive.id,
    folderId: folder.id,
    notificationUrl,
    lifecycleNotificationUrl,
    clientState,
    expiresAt,
  });
  return json(201, { ...resourceOf(added), clientState });
}

/** @throws GraphError 400 */
async function checkAddress({ subscriptions, caller }: Context, url: string): Promise<void> {
  if (new URL(url).protocol !== "https:") throw invalidRequest("Notification URLs must be https.");
  const complaint = await validate(caller, url, subscriptions.newToken());
  if (complaint === null) return;
  throw new GraphError(
    400,
    "ValidationError",
    `Subscription validation request failed. ${complaint}`,
  );
}

/** A folder: any on personal drives, the root alone on work drives. @throws GraphError 400, 404 */
function folderOf(context: Context, resource: string): { drive: Drive; folder: Item } {
  const match = itemPath(null).exec(`/v1.0/${resource.replace(/^\//, "")}`);
  if (match === null) throw invalidRequest(`The resource '${resource}' is not supported.`);
  const address = readAddress(context, match.slice(1));
  const folder = itemAt(context, address);
  const { drive } = address;
  if (folder.kind !== "folder" || (drive.type !== "personal" && folder.id !== drive.rootId)) {
    throw invalidRequest(`The resource '${resource}' is not supported.`);
  }
  return { drive, folder };
}

/** @throws GraphError 400 */
function readExpiry({ now, limits }: Context, text: string): number {
  const expiresAt = Date.parse(text);
  if (expiresAt <= now()) throw invalidRequest("Subscription expiration must be in the future.");
  if (expiresAt > now() + limits.subscriptionMinutes * 60_000) {
    throw invalidRequest(
      `Subscription expiration can only be ${limits.subscriptionMinutes} minutes in the future.`,
    );
  }
  return expiresAt;
}

/** The client's secret is told once, at creation. */
function resourceOf(subscription: Subscription): object {
  const { id, resource, clientId, notificationUrl, lifecycleNotificationUrl, expiresAt } =
    subscription;
  return {
    id,
    resource,
    applicationId: clientId,
    changeType: "updated",
    notificationUrl,
    lifecycleNotificationUrl,
    expirationDateTime: new Date(expiresAt).toISOString(),
  };
}
