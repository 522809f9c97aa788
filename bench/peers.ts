/**
 * The servers of others that are measured beside ours: how each is configured and started.
 *
 * @module
 */

import {
  firstVersion,
  freePort,
  type Host,
  type RunningServer,
  type Server,
  startPeer,
} from "./servers.ts";

/** InspIRCd, with its limits out of the way. */
export const INSPIRCD: Server = {
  id: "inspircd",
  title: "InspIRCd",
  protocol: "irc",
  // It completes logins once a second, all that are waiting: many at a time are its best case.
  concurrency: 1_024,
  answers: false,
  async version({ processes }) {
    const install = "apt-get install inspircd";
    return firstVersion(await processes.run("inspircd", ["--version"], { install }));
  },
  async start(host) {
    const port = freePort();
    return await startInspircd(this, host, port, `<server name="bench.test" ${INSPIRCD_NETWORK}>`);
  },
};

/** The same with clients that have each of their messages sent back (IRCv3 `echo-message`): it acknowledges, as ours does. */
export const INSPIRCD_ECHOING: Server = {
  ...INSPIRCD,
  id: "inspircd-echo",
  title: "InspIRCd, echo-message",
  answers: true,
  async start(host) {
    const tags = `<server name="bench.test" ${INSPIRCD_NETWORK}>\n${INSPIRCD_ECHO}`;
    return await startInspircd(this, host, freePort(), tags);
  },
};

/** What stands in the tag `server` of an InspIRCd besides its name. */
export const INSPIRCD_NETWORK = `description="bench" network="bench"`;

/** What lets its clients ask for `echo-message`, which the load generator does where a server {@linkcode Server.answers}. */
export const INSPIRCD_ECHO = `<module name="cap"><module name="ircv3_echomessage">`;

/**
 * Starts an InspIRCd with its limits out of the way.
 *
 * @param server What it is started for.
 * @param host See {@linkcode Host}.
 * @param port For clients.
 * @param tags Its tag `server`, and what else is to stand in its configuration.
 */
export async function startInspircd(
  server: Server,
  host: Host,
  port: number,
  tags: string,
): Promise<RunningServer> {
  const path = `${host.directory}/inspircd-${port}.conf`;
  await Deno.writeTextFile(
    path,
    `${tags}
<admin name="bench" nick="bench" email="bench@bench.test">
<bind address="127.0.0.1" port="${port}" type="clients">
<connect name="bench" allow="*" timeout="60" pingfreq="3600" resolvehostnames="no" useident="no"
  fakelag="no" threshold="1000000" commandrate="1000000000" localmax="1000000" globalmax="1000000"
  limit="1000000" recvq="1M" softsendq="16M" hardsendq="64M" maxconnwarn="no">
<performance softlimit="100000" somaxconn="4096" netbuffersize="65534" quietbursts="yes">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default"
  target="${host.directory}/inspircd-${port}.log">
`,
  );
  // Root has to say that this is intended; for others the flag changes nothing.
  const args = ["--config", path, "--nofork", "--nopid", "--runasroot"];
  return await startPeer(server, host, port, "inspircd", args);
}

/** ngIRCd, with its limits and penalties out of the way. */
export const NGIRCD: Server = {
  id: "ngircd",
  title: "ngIRCd",
  protocol: "irc",
  concurrency: 8, // it lets no more than ten connections wait to be accepted
  answers: false,
  async version({ processes }) {
    const install = "apt-get install ngircd";
    return firstVersion(await processes.run("ngircd", ["--version"], { install }));
  },
  async start(host) {
    const port = freePort();
    const path = `${host.directory}/ngircd-${port}.conf`;
    await Deno.writeTextFile(
      path,
      `[Global]
Name = bench.test
Info = bench
AdminEMail = bench@bench.test
Listen = 127.0.0.1
Ports = ${port}
MotdPhrase = bench
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
MaxNickLength = 20
PingTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
`,
    );
    return startPeer(this, host, port, "ngircd", ["--nodaemon", "--config", path]);
  },
};

/** NATS: not a chat server, but what messages through one process can reach with threads. */
export const NATS: Server = {
  id: "nats",
  title: "NATS",
  protocol: "nats",
  concurrency: 64,
  answers: false,
  async version({ processes }) {
    const install = "apt-get install nats-server";
    return firstVersion(await processes.run("nats-server", ["--version"], { install }));
  },
  start(host) {
    const port = freePort();
    return startPeer(this, host, port, "nats-server", ["-a", "127.0.0.1", "-p", String(port)]);
  },
};

/** The servers that `--peers` adds. */
export const PEERS: readonly Server[] = [INSPIRCD_ECHOING, INSPIRCD, NGIRCD, NATS];
