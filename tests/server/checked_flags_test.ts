import { assertEquals, assertThrows } from "@std/assert";

import { FlagError } from "../../common/errors.ts";
import { parseCommand } from "../../common/flags.ts";
import { type CheckedFlags, checkFlags } from "../../server/checked_flags.ts";
import { SERVER_COMMAND } from "../../server/flags.ts";

const check = (...args: string[]): CheckedFlags =>
  checkFlags(parseCommand(SERVER_COMMAND, args).flags);

Deno.test("without flags a server is alone, plain, unobserved and by itself", () => {
  assertEquals(check(), {
    tlsFiles: undefined,
    proxies: undefined,
    following: [],
    nats: undefined,
    metrics: undefined,
  });
});

Deno.test("flags that are more than a value are read", () => {
  const { tlsFiles, proxies, following, nats, metrics } = check(
    ...["--tls-cert=c", "--tls-key=k", "--proxy-protocol=10.0.0.0/8", "--stop-with=7"],
    ...["--nats=nats://a", "--metrics=9464"],
  );
  assertEquals(tlsFiles, { cert: "c", key: "k" });
  assertEquals(proxies?.has("10.1.2.3"), true);
  assertEquals([following, nats?.servers], [[7], ["a:4222"]]);
  assertEquals(metrics, { hostname: "127.0.0.1", port: 9_464 });
});

Deno.test("each that is wrong is named, and what it would be called in a file", () => {
  for (
    const [flag, args, says] of [
      ["tls-cert", ["--tls-cert=c"], "tls-cert needs tls-key, too"],
      ["proxy-protocol", ["--proxy-protocol=x"], "proxy-protocol must be networks"],
      ["nats-ca", ["--nats-ca=x"], "nats-ca needs nats"],
      ["metrics", ["--metrics=nope"], "metrics must be PORT"],
      [
        "workers",
        ["--workers=4"],
        "workers must be 1 here; 'deno task workers 4' starts 4 processes that share the port",
      ],
    ] as const
  ) {
    const error = assertThrows(() => check(...args), FlagError, `--${flag} `);
    assertEquals(error.flag, flag);
    const { message } = error.asKey("jim.toml:2");
    assertEquals(message.slice(0, 12 + says.length), `jim.toml:2: ${says}`);
  }
});
