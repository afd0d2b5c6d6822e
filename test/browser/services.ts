import type { Page } from "playwright-core";
import { onTestFinished } from "vitest";
import { createDropboxCloud } from "../clouds/dropbox/cloud.ts";
import { createGoogleDriveCloud } from "../clouds/google-drive/cloud.ts";
import { createOneDriveCloud } from "../clouds/onedrive/cloud.ts";

/** A stand-in that people sign in to from the dashboard. */
export interface Service {
  readonly title: string;
  readonly origin: string;
  /** What its console calls the two, with what the stand-in knows. */
  readonly fields: Readonly<Record<string, string>>;
  /** A file in its folder `Docs`. */
  put(name: string, content: string): void;
  /** Ends the grant of a refresh token. */
  revoke(token: string): boolean;
  start(): Promise<unknown>;
  close(): Promise<void>;
}

function dropbox(): Service {
  const cloud = createDropboxCloud();
  return {
    title: "Dropbox",
    get origin() {
      return cloud.origin;
    },
    fields: { "App key": "app-key", "App secret": "app-secret" },
    put: (name, content) => void cloud.files.put(`/Docs/${name}`, content),
    revoke: cloud.oauth.revoke,
    start: cloud.start,
    close: cloud.close,
  };
}

function googleDrive(): Service {
  const cloud = createGoogleDriveCloud();
  const docs = cloud.files.folder("Docs").id;
  return {
    title: "Google Drive",
    get origin() {
      return cloud.origin;
    },
    fields: {
      "Client ID": "web.apps.googleusercontent.com",
      "Client secret": "GOCSPX-web",
    },
    put: (name, content) => void cloud.files.put(docs, name, content),
    revoke: cloud.oauth.revoke,
    start: cloud.start,
    close: cloud.close,
  };
}

function oneDrive(): Service {
  const cloud = createOneDriveCloud({ driveType: "personal" });
  const [app] = cloud.identity.clients;
  return {
    title: "OneDrive",
    get origin() {
      return cloud.origin;
    },
    fields: {
      "Application (client) ID": app?.clientId ?? "",
      "Client secret": app?.clientSecret ?? "",
    },
    put: (name, content) => void cloud.files.put(`Docs/${name}`, content),
    revoke: cloud.identity.revoke,
    start: cloud.start,
    close: cloud.close,
  };
}

/** Each service that accounts of the dashboard can be of, not yet started. */
export const services = { dropbox, "google-drive": googleDrive, onedrive: oneDrive } as const;

/** One that runs until the test ends. */
export async function started(create: () => Service): Promise<Service> {
  const service = create();
  await service.start();
  onTestFinished(service.close);
  return service;
}

/** Connects an account as a person does, who is led to the service and back. Gives the address that they copied. */
export async function connect(page: Page, name: string, service: Service): Promise<string> {
  const { title, origin, fields } = service;
  await page.getByRole("link", { name: "Connections" }).click();
  await page.getByRole("button", { name: "Connect an account" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(title).check();
  await dialog.getByLabel("A name of your choice").fill(name);
  for (const [label, value] of Object.entries(fields)) await dialog.getByLabel(label).fill(value);
  await dialog.getByText("Another cloud than the public one").click();
  await dialog.getByLabel("Its address").fill(origin);
  const redirect = String(await dialog.locator("li code").textContent());
  await dialog.getByRole("button", { name: `Sign in to ${title}` }).click();
  await page.getByText(`“${name}” is signed in.`).waitFor();
  return redirect;
}
