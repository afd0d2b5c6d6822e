import { once } from "node:events";
import { createServer, request } from "node:http";
import { createServer as createTls } from "node:https";
import { type AddressInfo, connect } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { identify } from "../../src/app.ts";
import { useProxy } from "../../src/cli/proxy.ts";
import { createDropboxCloud } from "../clouds/dropbox/cloud.ts";
import { createGoogleDriveCloud } from "../clouds/google-drive/cloud.ts";
import { createOneDriveCloud } from "../clouds/onedrive/cloud.ts";

/** A name that leads nowhere (RFC 2606), and the key of a certificate for it, which is worth nothing. */
const host = "files.example";
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgEMXIkmNkfaiTJ15K
ssMefXMnJd+/9BQ8Uk7QgST/wnihRANCAASJ371gXvDZz141mC3qqw1dP9cNEm79
0T7IduDkNpd1K6h0bRWGATF5Ua0nRY1yu2K8rPXFIy20ywhkExSd7Z2J
-----END PRIVATE KEY-----`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBojCCAUegAwIBAgIUSfJWVapf6Qno5JlgYuhuMfXWXrcwCgYIKoZIzj0EAwIw
GDEWMBQGA1UEAwwNZmlsZXMuZXhhbXBsZTAgFw0yNjExMjMwODIwMTZaGA8yMTI2
MTAzMDA4MjAxNlowGDEWMBQGA1UEAwwNZmlsZXMuZXhhbXBsZTBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABInfvWBe8NnPXjWYLeqrDV0/1w0Sbv3RPsh24OQ2l3Ur
qHRtFYYBMXlRrSdFjXK7Yrys9cUjLbTLCGQTFJ3tnYmjbTBrMB0GA1UdDgQWBBT/
rruNmnnNx+uW1emYBoP/fVzM6TAfBgNVHSMEGDAWgBT/rruNmnnNx+uW1emYBoP/
fVzM6TAPBgNVHRMBAf8EBTADAQH/MBgGA1UdEQQRMA+CDWZpbGVzLmV4YW1wbGUw
CgYIKoZIzj0EAwIDSQAwRgIhAMxnDULY2mLbNft60b4ifduLNyVUoPkPes+gUyLa
ib2TAiEA59Kn3rsitvxDUwX4rI05Q2H6o6Eh2JBMehkoPAQHqxA=
-----END CERTIFICATE-----`;

const clouds = {
  dropbox: createDropboxCloud(),
  "google-drive": createGoogleDriveCloud(),
  onedrive: createOneDriveCloud(),
};
const services = ["dropbox", "google-drive", "onedrive"] as const;

beforeAll(async () => {
  for (const cloud of Object.values(clouds)) await cloud.start();
  const known = getCACertificates();
  setDefaultCACertificates([...known, cert]);
  return () => setDefaultCACertificates(known);
});
afterAll(() => Promise.all(Object.values(clouds).map((cloud) => cloud.close())));

/** A proxy that leads every tunnel to a service, as `host`; `tunnels`: where to it was asked for one. */
async function startProxy(service: string) {
  const { port } = new URL(service);
  const behind = createTls({ key, cert }, (asked, answered) => {
    const { method = "", url = "", headers } = asked;
    const on = request({ host: "127.0.0.1", port, method, path: url, headers }, (answer) => {
      answered.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(answered);
    });
    asked.pipe(on);
  });
  const tunnels: string[] = [];
  const proxy = createServer((_, answered) => answered.writeHead(502).end());
  proxy.on("connect", (asked, socket) => {
    tunnels.push(asked.url ?? "");
    const line = connect((behind.address() as AddressInfo).port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(line).pipe(socket);
    });
    for (const end of [line, socket]) end.on("error", () => line.destroy());
  });
  for (const server of [behind, proxy]) {
    await once(server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
  }
  return { tunnels, address: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
}

/** Until the test is over. */
async function withEnvironment(env: Readonly<Record<string, string>>): Promise<void> {
  onTestFinished(await useProxy(env));
}

const everywhere = (origin: string) => ({ api: origin, authorize: origin, token: origin });

function settingsOf(service: (typeof services)[number], origin: string) {
  switch (service) {
    case "dropbox": {
      const all = { ...everywhere(origin), content: origin, notify: origin };
      return { provider: service, ...clouds[service].grant(), origin: all };
    }
    case "google-drive":
      return { provider: service, ...clouds[service].grant(), origin: everywhere(origin) };
    case "onedrive":
      return { provider: service, ...clouds[service].grant(), origin: everywhere(origin) };
  }
}

const whoIs = async (service: (typeof services)[number], origin: string) =>
  (await identify("mine", settingsOf(service, origin))).label;

describe.each(services)("behind a proxy, %s", (service) => {
  it("is reached by tunnels of HTTPS_PROXY alone", async () => {
    const { tunnels, address } = await startProxy(clouds[service].origin);
    await withEnvironment({ HTTPS_PROXY: address });
    expect(await whoIs(service, `https://${host}`)).toMatch(/\S/);
    expect(new Set(tunnels)).toEqual(new Set([`${host}:443`]));
  });

  it("is reached without it where NO_PROXY names its host", async () => {
    const { tunnels, address } = await startProxy(clouds[service].origin);
    await withEnvironment({ HTTPS_PROXY: address, HTTP_PROXY: address, NO_PROXY: "127.0.0.1" });
    expect(await whoIs(service, clouds[service].origin)).toMatch(/\S/);
    expect(tunnels).toEqual([]);
  });
});
