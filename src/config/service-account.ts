import { createPrivateKey } from "node:crypto";
import type { ServiceAccount } from "../core/account.ts";
import { ValueError } from "./units.ts";

/** Accounts of Google Drive that a service account's key signs in. No message shows anything of a key but its e-mail. */

const whole = "give the JSON file as the Google Cloud console downloads it, whole";
const howToGet =
  "make a key of type JSON in the Google Cloud console, under IAM & Admin, Service Accounts, Keys";

/** The content of a key file; throws a `ValueError`. Its `token_uri` is not looked at: a key signs in at Google, or at `origin`. */
export function parseServiceAccount(text: string): ServiceAccount {
  const key = objectIn(text);
  if (key === null) {
    const isPath = /^[\w./\\~-]+\.json$/.test(text.trim());
    const what = isPath ? "is a path: write $file: before it" : `is not JSON: ${whole}`;
    throw new ValueError(`the key of the service account ${what}`);
  }
  refuseOthers(key);
  const email = filledIn(key, "client_email");
  // Taken through the environment, the line ends of the PEM may have been escaped twice.
  const privateKey = filledIn(key, "private_key").replaceAll("\\n", "\n");
  if (!isRsa(privateKey)) {
    throw new ValueError(`the "private_key" of ${email} is cut or altered: ${whole}`);
  }
  const { client_id, private_key_id } = key;
  return {
    email,
    clientId: typeof client_id === "string" ? client_id : null,
    keyId: typeof private_key_id === "string" ? private_key_id : null,
    privateKey,
  };
}

type Fields = Readonly<Record<string, unknown>>;

function objectIn(text: string): Fields | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

/** Other files that the console gives out. */
function refuseOthers(key: Fields): void {
  const { type } = key;
  if (type === "service_account") return;
  if (key.installed !== undefined || key.web !== undefined) {
    throw new ValueError(
      `this is the file of an OAuth client, whose id and secret are "clientId" and "clientSecret"; for a service account ${howToGet}`,
    );
  }
  const named = typeof type === "string" && /^[a-z_]{1,40}$/.test(type);
  throw new ValueError(
    `this is no key of a service account (${named ? `its type is ${type}` : 'it lacks "type": "service_account"'}): ${howToGet}`,
  );
}

function filledIn(key: Fields, field: string): string {
  const value = key[field];
  if (typeof value === "string" && value !== "") return value;
  throw new ValueError(`the key of the service account lacks "${field}": ${whole}`);
}

function isRsa(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}

/** Somebody's e-mail in their organisation. */
export function parsePerson(text: string): string {
  if (/^[^\s@]+@[^\s@]+$/.test(text)) return text;
  throw new ValueError(
    `"${text}" is no e-mail: write that of a person of your organisation, such as ada@example.com`,
  );
}

const ofPerson = ["clientId", "clientSecret", "refreshToken"] as const;
type PersonField = (typeof ofPerson)[number];
type Given = Partial<Record<PersonField | "drive" | "impersonate", unknown>> & {
  readonly serviceAccount?: ServiceAccount;
};

/** What is wrong with how an account of Google Drive is signed in: a person, or a service account, never both. */
export function googleDriveProblems(given: Given) {
  const { serviceAccount, impersonate, drive } = given;
  const found: { readonly field: keyof Given; readonly message: string }[] = [];
  for (const field of ofPerson) {
    const isGiven = given[field] !== undefined;
    if (isGiven !== (serviceAccount !== undefined)) continue;
    const message = isGiven
      ? 'is of a person who signs in, and "serviceAccount" is, too, a sign-in: leave one of them out'
      : "is missing";
    found.push({ field, message });
  }
  if (serviceAccount === undefined) {
    const message =
      'only a service account works as somebody else: give its key with "serviceAccount"';
    return impersonate === undefined
      ? found
      : [...found, { field: "impersonate" as const, message }];
  }
  if (drive === undefined && impersonate === undefined) {
    const message = `a service account has no storage of its own: name a shared drive with "drive", and add ${serviceAccount.email} to the members of that drive as content manager`;
    found.push({ field: "serviceAccount", message });
  }
  return found;
}
