import { assert, assertEquals, assertThrows } from "@std/assert";

import { UsageError } from "../../../../common/errors.ts";
import {
  maskUrls,
  type NatsFlags,
  natsSettingsOf,
} from "../../../../server/cluster/nats/nats_settings.ts";

const SECRET = "s3cret";

Deno.test("without --nats there are no settings", () => {
  assertEquals(natsSettingsOf({}), undefined);
});

Deno.test("URLs give addresses, encryption and who one is", () => {
  const settings = (flags: NatsFlags): unknown => natsSettingsOf(flags);
  assertEquals(settings({ nats: "nats://a" }), {
    servers: ["a:4222"],
    isTls: false,
    prefix: "jim",
  });
  assertEquals(
    settings({
      nats: "tls://a.example:1,tls://[::1]:2/,tls://u%40x:p%2C@10.0.0.1",
      "nats-ca": "c",
    }),
    {
      servers: ["a.example:1", "[::1]:2", "10.0.0.1:4222"],
      isTls: true,
      prefix: "jim",
      login: { by: "password", user: "u@x", password: "p," },
      ca: "c",
    },
  );
  assertEquals(
    settings({ nats: `nats://${SECRET}@a,nats://${SECRET}@b`, "nats-prefix": "Chat_2-x" }),
    {
      servers: ["a:4222", "b:4222"],
      isTls: false,
      prefix: "Chat_2-x",
      login: { by: "token", token: SECRET },
    },
  );
  assertEquals(settings({ nats: "tls://a", "nats-nkey": "n", "nats-cert": "c", "nats-key": "k" }), {
    servers: ["a:4222"],
    isTls: true,
    prefix: "jim",
    login: { by: "nkey", path: "n" },
    certificate: { cert: "c", key: "k" },
  });
  assertEquals(natsSettingsOf({ nats: "nats://a", "nats-creds": "f" })?.login, {
    by: "creds",
    path: "f",
  });
});

const WRONG: readonly (readonly [flags: NatsFlags, says: string])[] = [
  ...["", "a:4222", "nats://", "http://a", "nats://a:99999", "nats://a:0", "nats://a/x"].map((
    nats,
  ) => [{ nats }, "--nats must be nats://"] as const),
  ...["nats://a?x", "nats://a#x", "nats://a,", "nats://a b", "nats://a%00", "nats:a"].map((nats) =>
    [{ nats }, "--nats must be nats://"] as const
  ),
  [{ nats: `nats://u:${SECRET}@a/x` }, "received 'nats://***@a/x'"],
  [{ nats: `nats://u:p,${SECRET}@a` }, "received 'nats://***@a'"],
  [{ nats: "nats://a,tls://b" }, "--nats must have all URLs with nats:// or all with tls://"],
  [{ nats: `nats://u:${SECRET}@a,nats://u:x@b` }, "--nats must have the same user and password"],
  [{ nats: `nats://u:${SECRET}@a`, "nats-creds": "f" }, "--nats takes one login"],
  [{ nats: "nats://a", "nats-creds": "f", "nats-nkey": "g" }, "--nats takes one login"],
  ...["a.b", "", "a b", "x".repeat(33), "ä"].map((prefix) =>
    [{ nats: "nats://a", "nats-prefix": prefix }, "--nats-prefix must be 1 to 32"] as const
  ),
  [{ nats: "tls://a", "nats-cert": "c" }, "--nats-cert needs --nats-key, too"],
  [{ nats: "tls://a", "nats-key": "c" }, "--nats-key needs --nats-cert, too"],
  [{ nats: "nats://a", "nats-ca": "c" }, "--nats-ca needs --nats tls://…"],
  [{ nats: "nats://a", "nats-cert": "c", "nats-key": "k" }, "--nats-cert needs --nats tls://…"],
  ...(["nats-prefix", "nats-creds", "nats-nkey", "nats-ca", "nats-cert", "nats-key"] as const).map((
    name,
  ) => [{ [name]: "x" }, `--${name} needs --nats`] as const),
];

for (const [flags, says] of WRONG) {
  Deno.test(`wrong: ${JSON.stringify(flags)}`, () => {
    const { message } = assertThrows(() => natsSettingsOf(flags), UsageError, says);
    assert(!message.includes("\n") && !message.includes(SECRET), message);
  });
}

Deno.test("what others see has no login", () => {
  assertEquals(maskUrls("nats://a,tls://b:1"), "nats://a,tls://b:1");
  assertEquals(
    maskUrls(`nats://u:${SECRET}@a,tls://${SECRET}@b:1`),
    "nats://***@a,tls://***@b:1",
  );
  assertEquals(maskUrls(`u:${SECRET}@a`), "***@a");
});
