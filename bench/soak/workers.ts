/**
 * What goes on at once in a soak: each worker is one kind of user or abuser.
 *
 * @module
 */

import { connect as connectSocket } from "node:net";

import { type Address, type Frame, LineClient } from "../line_client.ts";
import { Sequence, type Tally } from "./tally.ts";

/** What every worker is given. */
export interface Soak {
  /** The server. */
  readonly address: Address;
  /** Where to report. */
  readonly tally: Tally;
  /** Aborted when it is time to stop. */
  readonly signal: AbortSignal;
  /** Numbers from 0 up to 1, the same for the same seed. */
  readonly random: () => number;
}

/** One kind of traffic; resolves after it has stopped and checked its own. */
export type Worker = (soak: Soak, index: number) => Promise<void>;

/** Two users who write to each other all the time. */
export const pair: Worker = async ({ address, tally, signal }, index) => {
  const names = [`left${index}`, `right${index}`] as const;
  const clients = await Promise.all(names.map((name) => LineClient.online(address, name)));
  const sequences = clients.map((client) => {
    const sequence = new Sequence(tally);
    client.onFrame = (frame) => {
      if (frame.event === "msg") sequence.arrived(Number((frame.message as string).split(" ")[0]));
    };
    return sequence;
  });
  await Promise.all([0, 1].map(async (side) => {
    let accepted = 0;
    while (!signal.aborted) {
      const start = performance.now();
      const message = `${accepted + 1} ${"x".repeat(accepted % 200)}`;
      const { response } = await clients[side]!.ask({ event: "msg", to: names[1 - side], message });
      if (response !== 200) tally.fault(`a message was answered ${response}`);
      tally.roundTrips.add(performance.now() - start);
      tally.count("messages");
      accepted++;
      await pause(50);
    }
    // What was queued for the other side before this answer has left before it.
    await clients[1 - side]!.ask({ event: "probe" });
    sequences[1 - side]!.ends(accepted);
  }));
  for (const client of clients) client.close();
};

/** A room with one speaker and many listeners. */
export const room: Worker = async ({ address, tally, signal }, index) => {
  const listeners = 20;
  const name = `#room${index}`;
  const members = await Promise.all(
    Array.from(
      { length: listeners + 1 },
      (_, i) => LineClient.online(address, `member${index}.${i}`),
    ),
  );
  const sequences = members.slice(1).map((member) => {
    const sequence = new Sequence(tally);
    member.onFrame = (frame) => {
      if (frame.event === "msg" && frame.from === `member${index}.0`) {
        sequence.arrived(Number(frame.message));
      }
    };
    return sequence;
  });
  for (const member of members) await member.ask({ event: "join", room: name });
  let sent = 0;
  while (!signal.aborted) {
    const start = performance.now();
    const { response, delivered } = await members[0]!.ask({
      event: "msg",
      to: name,
      message: String(++sent),
    });
    tally.roundTrips.add(performance.now() - start);
    if (response !== 200 || (delivered as number) < listeners) {
      tally.fault(`a room of ${listeners} took ${delivered}, answer ${response}`);
    }
    tally.count("room messages");
    await pause(100);
  }
  await Promise.all(members.map((member) => member.ask({ event: "probe" })));
  for (const sequence of sequences) sequence.ends(sent);
  for (const member of members) member.close();
};

/** Joins the rooms of others, talks, leaves, and hangs up in the middle. */
export const visitor: Worker = async ({ address, tally, signal, random }, index) => {
  while (!signal.aborted) {
    const client = await LineClient.online(address, `visitor${index}`);
    for (let i = 0; i < 20 && !signal.aborted; i++) {
      const name = `#room${Math.floor(random() * 8)}`;
      const { response } = await client.ask({
        event: random() < 0.7 ? "join" : "leave",
        room: name,
      });
      if (![200, 201, 404].includes(response!)) {
        tally.fault(`join or leave was answered ${response}`);
      }
      if (random() < 0.3) await client.ask({ event: "who" });
      tally.count("joins, leaves");
      await pause(25);
    }
    await hangUp(client);
  }
};

/** Sends pipelines as fast as the server reads. */
export const flooder: Worker = async ({ address, tally, signal }, index) => {
  const client = await LineClient.online(address, `flood${index}`);
  for (let id = 0; !signal.aborted;) {
    const answers: Promise<Frame>[] = [];
    const first = id;
    for (let i = 0; i < 200; i++) answers.push(client.ask({ event: "probe", id: id++ }));
    for (const [i, answer] of (await Promise.all(answers)).entries()) {
      if (answer.id !== first + i) tally.fault(`answer ${answer.id} instead of ${first + i}`);
    }
    tally.count("flooded requests", 200);
  }
  await hangUp(client);
};

/** Connects, says half of something, and resets. Over TLS, this is an abort in the handshake. */
export const resetter: Worker = async ({ address, tally, signal, random }, index) => {
  while (!signal.aborted) {
    await new Promise<void>((resolve) => {
      const socket = connectSocket({ host: address.hostname, port: address.port }, () => {
        const lines = [
          `{"event":"presence","user":{"account_name":"reset${index}"}}\n`,
          '{"event":"join","room":"#room0"}\n',
          '{"event":"msg","to":"#ro',
        ];
        socket.write(lines.slice(0, Math.floor(random() * 4)).join(""), () => {
          setTimeout(() => socket.resetAndDestroy(), random() * 20);
        });
      });
      socket.on("data", () => {});
      socket.on("error", () => {});
      socket.on("close", () => resolve());
    });
    tally.count("resets");
    await pause(50);
  }
};

/** Reads nothing while somebody writes to it, until the server closes it. */
export const slowReader: Worker = async ({ address, tally, signal }, index) => {
  const sender = await LineClient.online(address, `sender${index}`);
  const message = "\u{1f600}".repeat(4_096); // 16 KiB: the system's buffers take some megabytes
  while (!signal.aborted) {
    const conn = address.ca === undefined
      ? await Deno.connect(address)
      : await Deno.connectTls({ ...address, caCerts: [address.ca] });
    const user = { account_name: `slow${index}` };
    await conn.write(new TextEncoder().encode(JSON.stringify({ event: "presence", user }) + "\n"));
    await conn.read(new Uint8Array(1_024));
    let wasFull = false;
    for (;;) {
      const { response } = await sender.ask({ event: "msg", to: user.account_name, message });
      if (response === 410) {
        // 410 at first because it is full, later because it is closed: then the name is free.
        if (wasFull && (await whoHas(sender, user.account_name)) === false) break;
        wasFull = true;
        await pause(250);
      } else if (response !== 200) tally.fault(`a slow reader's sender got ${response}`);
      if (signal.aborted) break;
    }
    if (wasFull) tally.count("slow readers closed");
    conn.close();
  }
  await hangUp(sender);
};

/** Logs in, fetches what was stored meanwhile, acknowledges it, and goes; another one writes to it. */
export const account: Worker = async ({ address, tally, signal }, index) => {
  const user = { account_name: `account${index}`, password: "correct horse battery" };
  const writer = await LineClient.online(address, `writer${index}`);
  const first = await LineClient.connect(address);
  const made = await first.ask({ event: "authenticate", user, register: true });
  if (made.response !== 201) tally.fault(`an account was answered ${made.response}`);
  await hangUp(first);
  const sequence = new Sequence(tally);
  let accepted = 0;
  while (!signal.aborted) {
    for (let i = 0; i < 5; i++) {
      const { response } = await writer.ask({
        event: "msg",
        to: user.account_name,
        message: String(accepted + 1),
        store: true,
      });
      if (response === 202) accepted++;
      else tally.fault(`a message for a mailbox was answered ${response}`);
      tally.count("stored messages");
    }
    const client = await LineClient.connect(address);
    const arrived = Promise.withResolvers<number>();
    client.onFrame = (frame) => {
      if (frame.event !== "msg") return;
      sequence.arrived(Number(frame.message));
      if (sequence.last === accepted) arrived.resolve(frame.stored as number);
    };
    const { response } = await client.ask({ event: "authenticate", user });
    if (response !== 200) tally.fault(`a login was answered ${response}`);
    const upTo = await Promise.race([arrived.promise, pause(10_000)]);
    if (upTo === undefined) tally.fault("stored messages did not come");
    else if ((await client.ask({ event: "ack", stored: upTo })).response !== 200) {
      tally.fault("an acknowledgement was not taken");
    }
    tally.count("logins");
    await hangUp(client);
    await pause(500);
  }
  sequence.ends(accepted);
  await hangUp(writer);
};

/** Asks much at once, ends its side, and wants all answers; the last line has no end. */
export const halfCloser: Worker = async ({ address, tally, signal }) => {
  while (!signal.aborted) {
    const client = await LineClient.connect(address);
    const answers = Array.from({ length: 20 }, () => client.expect());
    client.send('{"event":"probe"}\n'.repeat(19) + '{"event":"probe"}');
    await client.finish();
    const all = await Promise.allSettled(answers);
    if (all.some(({ status }) => status === "rejected")) tally.fault("a half-closer lost answers");
    await client.ended;
    client.close();
    tally.count("half-closes");
    await pause(100);
  }
};

/** Sends lines that are too long, or no frames at all. */
export const babbler: Worker = async ({ address, tally, signal }) => {
  const client = await LineClient.connect(address);
  const { response } = await client.ask({ event: "presence", user: { account_name: "babbler" } });
  if (response !== 200) tally.fault(`the babbler was answered ${response}`);
  for (
    const lines = ["z".repeat(100_000), "{", "null", "\u001b[2J", '{"event":"\\ud800"}'];
    !signal.aborted;
  ) {
    for (const line of lines) {
      const answer = client.expect();
      client.send(line + "\n");
      if ((await answer).response !== 400) {
        tally.fault(`babble was answered ${(await answer).response}`);
      }
      tally.count("wrong lines");
    }
    await pause(50);
  }
  await hangUp(client);
};

async function whoHas(client: LineClient, name: string): Promise<boolean> {
  const { users } = await client.ask({ event: "who" });
  return (users as { account_name: string }[]).some((user) => user.account_name === name);
}

/** Says goodbye and waits until the server has hung up, so that the name is free. */
async function hangUp(client: LineClient): Promise<void> {
  await client.ask({ event: "quit" });
  await client.ended;
  client.close();
}

function pause(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), ms));
}
