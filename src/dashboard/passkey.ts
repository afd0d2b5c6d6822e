import { askAuth } from "./api.ts";

/** Passkeys: what the browser does between two answers of the server. */

/** Browsers keep passkeys for names alone, and by https or on this machine. */
export const canUsePasskeys = (): boolean =>
  "PublicKeyCredential" in window && !/^[\d.]+$|^\[/.test(location.hostname);

export async function signInByPasskey(): Promise<void> {
  const options = await askAuth("passkey/generate-authenticate-options");
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as PublicKeyCredentialRequestOptionsJSON,
  );
  const response = await shown(() => navigator.credentials.get({ publicKey }));
  await askAuth("passkey/verify-authentication", { response });
}

/** Adds a passkey of this device to whoever is signed in. */
export async function addPasskey(name: string): Promise<void> {
  const options = await askAuth("passkey/generate-register-options");
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    options as PublicKeyCredentialCreationOptionsJSON,
  );
  const response = await shown(() => navigator.credentials.create({ publicKey }));
  await askAuth("passkey/verify-registration", { response, name });
}

async function shown(ask: () => Promise<Credential | null>): Promise<unknown> {
  const credential = await ask().catch(() => null);
  if (credential instanceof PublicKeyCredential) return credential.toJSON();
  throw new Error(
    "The browser gave no passkey: it was declined, or there is none for this address.",
  );
}
