import { createPublicKey, verify } from "node:crypto";
import {
  ConfidentialClientApplication,
  CryptoProvider,
  type INetworkModule,
  type NetworkRequestOptions,
  PublicClientApplication,
} from "@azure/msal-node";
import { describe, expect, test } from "vitest";
import { type Harness, startCloud } from "./onedrive/harness.ts";
import type { IdentitySettings } from "./onedrive/identity-state.ts";

const scopes = ["Files.ReadWrite.All", "User.Read"];
const redirectUri = "http://localhost:5999/callback";
const publicId = "66666666-7777-4888-9999-000000000000";
const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code";

interface TokenAnswer {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly id_token?: string;
  readonly client_info?: string;
  readonly expires_in: number;
  readonly scope: string;
  readonly error?: string;
  readonly error_codes?: number[];
  readonly error_description?: string;
  readonly suberror?: string;
  readonly device_code: string;
  readonly user_code: string;
  readonly verification_uri: string;
}

async function post(
  { origin }: Harness,
  end: string,
  form: Record<string, string>,
  tenant = "common",
): Promise<TokenAnswer & { readonly status: number }> {
  const body = new URLSearchParams(form);
  const answer = await fetch(`${origin}/${tenant}/oauth2/v2.0/${end}`, { method: "POST", body });
  return { status: answer.status, ...((await answer.json()) as TokenAnswer) };
}

/** What a new grant's refresh token is exchanged with. */
function refreshOf({ cloud }: Harness): Record<string, string> {
  const { clientId, clientSecret, refreshToken } = cloud.grant();
  return {
    grant_type: "refresh_token",
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
  };
}

describe("the real msal-node", () => {
  /** Its authorities are https: this carries what it asks to the stand-in. */
  function networkTo(origin: string, asked: string[] = []): INetworkModule {
    const call = async <T>(method: string, url: string, options?: NetworkRequestOptions) => {
      const { pathname, search } = new URL(url);
      asked.push(`${method} ${pathname}`);
      const { headers = {}, body } = options ?? {};
      const init = { method, headers, ...(method === "POST" ? { body: body ?? "" } : {}) };
      const answer = await fetch(`${origin}${pathname}${search}`, init);
      return {
        headers: Object.fromEntries(answer.headers),
        body: (await answer.json()) as T,
        status: answer.status,
      };
    };
    return {
      sendGetRequestAsync: (url, options) => call("GET", url, options),
      sendPostRequestAsync: (url, options) => call("POST", url, options),
    };
  }

  function confidential(
    { cloud, origin }: Harness,
    asked?: string[],
  ): ConfidentialClientApplication {
    const { clientId, clientSecret } = cloud.grant();
    const authority = "https://login.microsoftonline.com/common";
    return new ConfidentialClientApplication({
      auth: { clientId, clientSecret, authority },
      system: { networkClient: networkTo(origin, asked) },
    });
  }

  /** Sends a browser where the library says, and takes the code that comes back. */
  async function signIn(h: Harness, app: ConfidentialClientApplication) {
    const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
    const codeChallenge = { codeChallenge: challenge, codeChallengeMethod: "S256" };
    const url = new URL(
      await app.getAuthCodeUrl({ scopes, redirectUri, state: "s", ...codeChallenge }),
    );
    const page = await fetch(`${h.origin}${url.pathname}${url.search}`, { redirect: "manual" });
    const back = new URL(page.headers.get("location") ?? "");
    expect(back.searchParams.get("state")).toBe("s");
    const code = back.searchParams.get("code") ?? "";
    return app.acquireTokenByCode({ code, scopes, redirectUri, codeVerifier: verifier });
  }

  test("signs in, has its tokens silently, and refreshes with the newest refresh token", async () => {
    const h = await startCloud();
    const asked: string[] = [];
    const app = confidential(h, asked);
    const { account, accessToken } = await signIn(h, app);
    expect(account?.homeAccountId).toBe(`${h.cloud.user.id}.${h.cloud.user.tenantId}`);
    expect(account?.username).toBe("ada@outlook.example");
    if (account === null) throw new Error("no account");
    expect((await app.acquireTokenSilent({ account, scopes })).accessToken).toBe(accessToken);
    h.cloud.identity.olderRefreshTokens = "dead";
    for (let turn = 0; turn < 3; turn += 1) {
      const fresh = await app.acquireTokenSilent({ account, scopes, forceRefresh: true });
      expect(h.cloud.identity.check(fresh.accessToken).status).toBe("valid");
    }
    expect(new Set(asked)).toEqual(new Set(["POST /common/oauth2/v2.0/token"]));
  });

  test("takes a refresh token from outside, and tells of a revoked grant", async () => {
    const h = await startCloud();
    const app = confidential(h);
    const { refreshToken } = h.cloud.grant();
    const result = await app.acquireTokenByRefreshToken({ refreshToken, scopes });
    expect(h.cloud.identity.check(result?.accessToken ?? "").status).toBe("valid");
    h.cloud.identity.revoke(refreshToken);
    const again = app.acquireTokenByRefreshToken({ refreshToken, scopes });
    await expect(again).rejects.toMatchObject({
      errorCode: "invalid_grant",
      subError: "bad_token",
    });
  });

  test("discovers an authority that it does not know", async () => {
    const h = await startCloud({ driveType: "business" });
    const { clientId, clientSecret } = h.cloud.grant();
    const host = "login.stand-in.example";
    const asked: string[] = [];
    const app = new ConfidentialClientApplication({
      auth: {
        clientId,
        clientSecret,
        authority: `https://${host}/${h.cloud.user.tenantId}`,
        knownAuthorities: [host],
      },
      system: { networkClient: networkTo(h.origin, asked) },
    });
    expect((await signIn(h, app)).account?.tenantId).toBe(h.cloud.user.tenantId);
    expect(asked[0]).toBe(`GET /${h.cloud.user.tenantId}/v2.0/.well-known/openid-configuration`);
  });

  test("signs in with a device code", async () => {
    const h = await startCloud();
    h.cloud.identity.consent = "form";
    h.cloud.identity.deviceIntervalSeconds = 0.01;
    const app = new PublicClientApplication({
      auth: { clientId: publicId, authority: "https://login.microsoftonline.com/consumers" },
      system: { networkClient: networkTo(h.origin) },
    });
    /** A person is never faster than the first poll. */
    async function approve(userCode: string, verificationUri: string): Promise<Response> {
      await expect.poll(() => h.cloud.count("oauth/token")).toBeGreaterThan(0);
      const body = new URLSearchParams({ code: userCode, decision: "approved" });
      return fetch(verificationUri, { method: "POST", body });
    }
    let approved: Promise<Response> | null = null;
    const result = await app.acquireTokenByDeviceCode({
      scopes,
      deviceCodeCallback({ userCode, verificationUri }) {
        approved = approve(userCode, verificationUri);
      },
    });
    await approved;
    expect(result?.account?.username).toBe("ada@outlook.example");
    expect(h.cloud.count("oauth/token")).toBeGreaterThan(1);
  });
});

describe("the token endpoint", () => {
  test("gives what Entra's does, and a new refresh token each time", async () => {
    const h = await startCloud();
    const form = refreshOf(h);
    const first = await post(h, "token", {
      ...form,
      client_info: "1",
      scope: "openid offline_access Files.Read",
    });
    expect(first).toMatchObject({ status: 200, expires_in: 3599, scope: "openid Files.Read" });
    expect(first.refresh_token).not.toBe(form.refresh_token);
    const info = JSON.parse(Buffer.from(first.client_info ?? "", "base64url").toString());
    expect(info).toEqual({ uid: h.cloud.user.id, utid: h.cloud.user.tenantId });
    const [head = "", claims = "", signature = ""] = (first.id_token ?? "").split(".");
    expect(JSON.parse(Buffer.from(claims, "base64url").toString())).toMatchObject({
      aud: form.client_id,
      tid: h.cloud.user.tenantId,
      preferred_username: "ada@outlook.example",
    });
    const answer = await fetch(`${h.origin}/common/discovery/v2.0/keys`);
    const { keys } = (await answer.json()) as { keys: Record<string, string>[] };
    const key = createPublicKey({ key: keys[0] ?? {}, format: "jwk" });
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verify("sha256", signed, key, Buffer.from(signature, "base64url"))).toBe(true);
    expect((await post(h, "token", form)).status).toBe(200);
    h.cloud.identity.olderRefreshTokens = "dead";
    const newest = await post(h, "token", { ...form, refresh_token: first.refresh_token });
    const older = await post(h, "token", { ...form, refresh_token: first.refresh_token });
    expect([newest.status, older.error]).toEqual([200, "invalid_grant"]);
  });

  test.each([
    ["a wrong secret", { client_secret: "wrong" }, "401 invalid_client 7000215"],
    ["no such client", { client_id: "nobody" }, "400 unauthorized_client 700016"],
    ["an unknown refresh token", { refresh_token: "x" }, "400 invalid_grant 70000 bad_token"],
    ["an unknown scope", { scope: "Files.Everything" }, "400 invalid_scope 70011"],
    ["an unknown grant type", { grant_type: "password" }, "400 unsupported_grant_type 70003"],
    ["a secret of a public client", { client_id: publicId }, "401 invalid_client 700025"],
  ])("refuses %s", async (_, change, expected) => {
    const h = await startCloud();
    const { status, error, error_codes, suberror, error_description } = await post(h, "token", {
      ...refreshOf(h),
      ...change,
    });
    expect([status, error, ...(error_codes ?? []), suberror].join(" ").trim()).toBe(expected);
    expect(error_description).toMatch(/^AADSTS\d+: .+ Trace ID: .+ Correlation ID: .+ Timestamp: /);
  });

  test("refuses scopes that were not granted, and gives no refresh token without offline_access", async () => {
    const h = await startCloud();
    const { clientId, clientSecret, refreshToken } = h.cloud.grant({ scopes: ["Files.Read"] });
    const form = {
      grant_type: "refresh_token",
      client_id: clientId,
      client_secret: clientSecret,
      refresh_token: refreshToken,
    };
    const more = await post(h, "token", { ...form, scope: "Files.ReadWrite" });
    expect([more.error, more.suberror]).toEqual(["invalid_grant", "consent_required"]);
    expect(await post(h, "token", form)).not.toHaveProperty("refresh_token");
  });

  test.each([
    ["personal", 70000, 70000],
    ["business", 700082, 50173],
  ] as const)(
    "of %s accounts refuses what was idle for 90 days, and what was revoked",
    async (driveType, idle, revoked) => {
      let now = Date.UTC(2026, 0, 1);
      const h = await startCloud({ driveType, now: () => now });
      const form = refreshOf(h);
      now += 89 * 24 * 3600_000;
      expect((await post(h, "token", form)).status).toBe(200);
      now += 90 * 24 * 3600_000;
      expect((await post(h, "token", form)).error_codes).toEqual([idle]);
      const other = refreshOf(h);
      expect(h.cloud.identity.revoke(other.refresh_token ?? "")).toBe(true);
      expect((await post(h, "token", other)).error_codes).toEqual([revoked]);
      h.cloud.identity.revoke(other.refresh_token ?? "", {
        number: 50076,
        suberror: "basic_action",
      });
      expect((await post(h, "token", other)).suberror).toBe("basic_action");
    },
  );

  test("of personal accounts is not that of organizations, nor of another tenant", async () => {
    const h = await startCloud();
    const form = refreshOf(h);
    for (const tenant of ["organizations", "11111111-1111-4111-8111-111111111111"]) {
      expect((await post(h, "token", form, tenant)).error_codes).toEqual([90002]);
    }
    for (const tenant of ["consumers", h.cloud.user.tenantId]) {
      expect((await post(h, "token", form, tenant)).status).toBe(200);
    }
  });
});

describe("authorization codes", () => {
  async function codeFor(h: Harness, more: Record<string, string> = {}): Promise<URL> {
    const query = new URLSearchParams({
      client_id: h.cloud.grant().clientId,
      response_type: "code",
      redirect_uri: redirectUri,
      scope: "offline_access Files.Read",
      ...more,
    });
    const answer = await fetch(`${h.origin}/common/oauth2/v2.0/authorize?${query}`, {
      redirect: "manual",
    });
    return new URL(answer.headers.get("location") ?? `http://stayed/?page=${await answer.text()}`);
  }

  test("are good once, for their address and their verifier", async () => {
    const h = await startCloud();
    const { grant_type: _, refresh_token: __, ...client } = refreshOf(h);
    const take = async (code: string, more: Record<string, string> = {}) =>
      (
        await post(h, "token", {
          ...client,
          grant_type: "authorization_code",
          code,
          redirect_uri: redirectUri,
          ...more,
        })
      ).error_codes?.[0];
    const code = async (more?: Record<string, string>) =>
      (await codeFor(h, more)).searchParams.get("code") ?? "";
    const first = await code();
    expect(await take(first, { redirect_uri: "http://localhost/other" })).toBe(500112);
    expect(await take(first)).toBeUndefined();
    expect(await take(first)).toBe(54005);
    const challenged = { code_challenge: "a".repeat(43), code_challenge_method: "S256" };
    expect(await take(await code(challenged), { code_verifier: "b".repeat(43) })).toBe(501481);
    expect(await take("made up")).toBe(70000);
  });

  test("are only given to registered addresses, for known scopes, when the person agrees", async () => {
    const h = await startCloud();
    expect((await codeFor(h, { redirect_uri: "ftp://evil" })).href).toContain("AADSTS50011");
    expect((await codeFor(h, { client_id: "nobody" })).href).toContain("AADSTS700016");
    const unknown = await codeFor(h, { scope: "Files.Everything" });
    expect(unknown.searchParams.get("error")).toBe("invalid_scope");
    h.cloud.identity.consent = "form";
    expect((await codeFor(h)).href).toContain("Accept");
  });
});

describe("device codes", () => {
  async function begin(h: Harness, settings: Partial<IdentitySettings> = {}) {
    Object.assign(h.cloud.identity, { consent: "form", ...settings });
    const form = { client_id: publicId, scope: "Files.Read offline_access" };
    return post(h, "devicecode", form, "consumers");
  }
  const poll = (h: Harness, device_code: string) =>
    post(h, "token", { grant_type: deviceGrant, client_id: publicId, device_code }, "consumers");

  test("are pending until the person decides", async () => {
    const h = await startCloud();
    const { device_code, user_code, verification_uri } = await begin(h);
    expect((await fetch(verification_uri)).status).toBe(200);
    const pending = await poll(h, device_code);
    expect([pending.status, pending.error, pending.error_codes]).toEqual([
      400,
      "authorization_pending",
      [70016],
    ]);
    expect(h.cloud.identity.decide(user_code, "approved")).toBe(true);
    expect((await poll(h, device_code)).refresh_token).toBeTypeOf("string");
    expect((await poll(h, device_code)).error).toBe("invalid_grant");
  });

  test("are declined, expire, and can't be made up", async () => {
    let now = Date.UTC(2026, 0, 1);
    const h = await startCloud({ now: () => now });
    const declined = await begin(h);
    h.cloud.identity.decide(declined.user_code, "declined");
    expect((await poll(h, declined.device_code)).error).toBe("authorization_declined");
    const late = await begin(h, { deviceCodeSeconds: 300 });
    now += 300_000;
    expect((await poll(h, late.device_code)).error).toBe("expired_token");
    expect(h.cloud.identity.decide(late.user_code, "approved")).toBe(false);
    expect((await poll(h, "made up")).error).toBe("bad_verification_code");
  });

  test("are for public clients alone", async () => {
    const h = await startCloud();
    const form = { client_id: h.cloud.grant().clientId, scope: "Files.Read" };
    expect((await post(h, "devicecode", form)).error).toBe("invalid_client");
  });
});
