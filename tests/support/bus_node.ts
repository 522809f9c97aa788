import type { BusListener, Incarnation } from "../../server/cluster/bus.ts";
import { NatsBus } from "../../server/cluster/nats/nats_bus.ts";
import type { NatsConnection } from "../../server/cluster/nats/nats_connection.ts";
import { NatsNames } from "../../server/cluster/nats/nats_names.ts";
import { RevisedTable } from "../../server/cluster/nats/revised_table.ts";
import { Streams } from "../../server/cluster/nats/streams.ts";
import { connectNats } from "./nats_node.ts";
import { withDeadline } from "./raw_client.ts";
import { RecordingLog } from "./recording_log.ts";

/** What a test may choose. */
export interface BusNodeOptions {
  /** Nodes with the same are one server. */
  prefix?: string;
  /** See `NatsBusOptions.copy`. */
  copy?: string;
  /** More servers of the same NATS. */
  others?: readonly string[];
  /** Answers what other nodes ask. @default {the question, with who has asked} */
  answer?: (node: Incarnation, question: unknown, more: (answer: unknown) => void) => unknown;
}

/** A node of bus and names alone: it notes what it is told, each with the time. */
export class BusNode implements BusListener, AsyncDisposable {
  /** What it was told: `came <node>`, `told <node> <JSON>` … */
  readonly events: { readonly text: string; readonly at: number }[] = [];
  readonly log = new RecordingLog();
  nats!: NatsConnection;
  bus!: NatsBus;
  names!: NatsNames;
  /** The highest position that others have said. */
  highest = 0;
  position = 0;
  readonly #answer: NonNullable<BusNodeOptions["answer"]>;
  readonly #waiting = new Set<() => void>();

  private constructor({ answer = (node, question) => [node, question] }: BusNodeOptions) {
    this.#answer = answer;
  }

  /** Connects, and is among the others when it resolves. */
  static async start(address: string, options: BusNodeOptions = {}): Promise<BusNode> {
    const { prefix = "jim", copy, others = [] } = options;
    const node = new BusNode(options);
    const { log } = node;
    const nats = node.nats = await connectNats([address, ...others], log, prefix);
    const streams = await node.streams();
    node.bus = new NatsBus({
      ...{ nats, streams, log, address: "127.0.0.1:7777" },
      ...(copy !== undefined && { copy }),
      users: () => 3,
      position: () => node.position,
      onPosition: (position) => node.highest = Math.max(node.highest, position),
    });
    node.names = new NatsNames(await RevisedTable.open(nats, streams, "names"), node.bus, { log });
    await node.bus.start(node);
    return node;
  }

  /** What JetStream keeps. */
  streams(): Promise<Streams> {
    return Streams.open({ nats: this.nats, log: this.log });
  }

  get self(): Incarnation {
    return this.bus.self;
  }

  nodeCame(node: Incarnation): void {
    this.#note(`came ${node}`);
  }

  nodeGone(node: Incarnation): void {
    this.#note(`gone ${node}`);
  }

  told(node: Incarnation, word: unknown): void {
    this.#note(`told ${node} ${JSON.stringify(word)}`);
  }

  missed(node: Incarnation): void {
    this.#note(`missed ${node}`);
  }

  asked(node: Incarnation, question: unknown, more: (answer: unknown) => void): unknown {
    this.#note(`asked ${node} ${JSON.stringify(question)}`);
    return this.#answer(node, question, more);
  }

  fenced(reason: string): void {
    this.#note(`fenced ${reason}`);
  }

  restored(): void {
    this.#note("restored");
  }

  /**
   * Waits for an event that begins so, or finds that it was.
   *
   * @returns When that was, by `performance.now()`.
   */
  async event(start: string, seconds = 5): Promise<number> {
    const find = () => this.events.find(({ text }) => text.startsWith(start));
    if (find() === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const look = () => find() !== undefined && resolve();
      this.#waiting.add(look);
      const seen = () => `'${start}' among ${this.events.map(({ text }) => text).join(", ")}`;
      await withDeadline(promise, seen, seconds * 1000).finally(() => this.#waiting.delete(look));
    }
    return find()!.at;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.names[Symbol.dispose]();
    await this.bus[Symbol.asyncDispose]();
    await this.nats[Symbol.asyncDispose]();
  }

  #note(text: string): void {
    this.events.push({ text, at: performance.now() });
    for (const look of this.#waiting) look();
  }
}
