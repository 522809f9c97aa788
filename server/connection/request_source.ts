/**
 * Where one connection's requests come from.
 *
 * @module
 */

import type { Link } from "../../common/link.ts";
import { LineReader, type LineReaderOptions, type Lines } from "../../common/wire/lines.ts";
import type { SplitterPool } from "../../common/wire/splitter.ts";
import { RequestReader } from "../../common/wire/request_reader.ts";
import { ClassicSide } from "./classic/classic_side.ts";
import { detectFraming } from "./classic/detection.ts";
import { Intake } from "./classic/intake.ts";
import type { LinkOutlet } from "./link_outlet.ts";
import type { Plumbing } from "./plumbing.ts";
import type { Service } from "./session.ts";

/** What texts of requests are read from: yields those that the host could not serve at once. */
export type RequestTexts = AsyncIterable<Lines> & Pick<LineReader, "ahead">;

/** Whose requests are read. */
export interface RequestSourceHost {
  /** The way to the client: what is held is counted there, and a classic client's frames become objects. */
  readonly outlet: LinkOutlet;
  /** Bytes of answers that were made since others had their turn. */
  readonly sliceBytes: number;
  /** The client has said something. */
  heard(): void;
  /** Given requests before they are yielded: see {@linkcode LineReaderOptions}. */
  takeAtOnce(texts: Lines): Lines | undefined;
  /** The client turns out to be a classic one, or no longer is. */
  setClassic(isClassic: boolean): void;
}

/** Finds out whether a client writes lines or bare objects, and what reads and serves its requests then. */
export class RequestSource implements LineReaderOptions {
  readonly #plumbing: Plumbing;
  readonly #link: Link;
  readonly #host: RequestSourceHost;
  #service: Service;
  #reader: Pick<RequestReader, "key" | "read">;
  /** What is read now; set as soon as anything is. */
  #texts!: Pick<LineReader, "ahead">;
  /** Bytes that were counted when they were read, and come again, to another reader. */
  #known = 0;
  /** While the client is a classic one. */
  #classic: ClassicSide | undefined;

  /**
   * Has read nothing.
   *
   * @param service Serves everybody.
   * @param link What is read.
   */
  constructor(plumbing: Plumbing, service: Service, link: Link, host: RequestSourceHost) {
    this.#plumbing = plumbing;
    this.#service = service;
    this.#link = link;
    this.#host = host;
    this.#reader = new RequestReader(service.requestLimits);
  }

  /** See {@linkcode LineReaderOptions}, and so for the next ones: an object of its own would be memory of each connection. */
  get maxLine(): number {
    return this.#plumbing.settings.maxLine;
  }

  /** See {@linkcode LineReaderOptions}. */
  get splitters(): SplitterPool {
    return this.#plumbing.splitters;
  }

  /** See {@linkcode LineReaderOptions}. */
  onBytes(count: number): void {
    this.#plumbing.counters.bytesRead += count - this.#known;
    this.#known = 0;
    this.#host.heard();
  }

  /** See {@linkcode LineReaderOptions}. */
  takeAtOnce(texts: Lines): Lines | undefined {
    return this.#host.takeAtOnce(texts);
  }

  /** See {@linkcode LineReaderOptions}. */
  onHeld(bytes: number): void {
    this.#host.outlet.hold(bytes);
  }

  /** See {@linkcode LineReaderOptions}. */
  beforeReading(count: number): Promise<void> | undefined {
    return this.#plumbing.turns.served(count + this.#host.sliceBytes);
  }

  /** What serves the requests. */
  get service(): Service {
    return this.#service;
  }

  /** What makes requests of their texts. */
  get reader(): Pick<RequestReader, "key" | "read"> {
    return this.#reader;
  }

  /** Whether the client is a classic one. */
  get isClassic(): boolean {
    return this.#classic !== undefined;
  }

  /**
   * Finds out how requests come: what yields them.
   *
   * @returns Rejects if reading fails.
   */
  async first(): Promise<RequestTexts> {
    const { clock, settings } = this.#plumbing;
    if (!settings.classic) return this.#texts = new LineReader(this.#link, this);
    const intake = new Intake(this.#link, this);
    this.#texts = intake;
    const { maxLine } = settings;
    const framing = await detectFraming(intake, { clock, maxLine });
    const texts = framing === "objects" ? this.#becomeClassic(intake) : this.#linesOf(intake);
    return this.#texts = texts;
  }

  /** What yields the requests behind those that were served; `undefined` if there are none. */
  next(): RequestTexts | undefined {
    if (!this.#classic?.reader.hasLines) return undefined;
    const texts = this.#leaveClassic(this.#classic);
    return this.#texts = texts;
  }

  /** See `LineReader.ahead`. */
  ahead(): Promise<number | null> {
    return this.#texts.ahead();
  }

  /** The connection is about to end by an answer: messages to a classic client would only hold that up. */
  dropDeliveries(): void {
    this.#classic?.dropDeliveries();
  }

  #linesOf(intake: Intake): LineReader {
    const begun = intake.handOver();
    this.#known = begun.count;
    return new LineReader(this.#link, this, begun);
  }

  #becomeClassic(intake: Intake): RequestTexts {
    const [plumbing, service, { outlet }] = [this.#plumbing, this.#service, this.#host];
    const takeAtOnce = (texts: Lines): Lines | undefined => this.takeAtOnce(texts);
    const classic = new ClassicSide({ plumbing, service, outlet, intake, takeAtOnce });
    this.#classic = classic;
    this.#reader = classic.requests;
    this.#service = classic.service;
    this.#host.setClassic(true);
    return classic.reader;
  }

  /** The client has begun to end its requests with newlines. */
  #leaveClassic(classic: ClassicSide): RequestTexts {
    classic.leave();
    this.#classic = undefined;
    this.#service = classic.inner;
    this.#reader = new RequestReader(this.#service.requestLimits, classic.requests.key);
    this.#host.setClassic(false);
    return this.#linesOf(classic.intake);
  }
}
