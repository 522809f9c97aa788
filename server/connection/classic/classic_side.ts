/**
 * All that is different about a classic connection.
 *
 * @module
 */

import type { Lines } from "../../../common/wire/lines.ts";
import { Outbox } from "../../../common/wire/outbox.ts";
import type { LinkOutlet } from "../link_outlet.ts";
import type { Plumbing } from "../plumbing.ts";
import type { Service } from "../session.ts";
import { ClassicFrames } from "./classic_frames.ts";
import { ClassicRequests } from "./classic_requests.ts";
import { ClassicService } from "./classic_service.ts";
import { ClassicShape } from "./classic_shape.ts";
import type { Intake } from "./intake.ts";
import { ObjectReader } from "./object_reader.ts";
import { PacedQueue } from "./paced_queue.ts";

/** Whose connection turned out to be a classic one. */
export interface ClassicSideTerms {
  /** What connections share. */
  readonly plumbing: Plumbing;
  /** Serves everybody. */
  readonly service: Service;
  /** The way to the client: its frames become objects. */
  readonly outlet: LinkOutlet;
  /** What was read, and what comes. */
  readonly intake: Intake;
  /** Given objects before they are yielded: see `LineReaderOptions`. */
  readonly takeAtOnce: (texts: Lines) => Lines | undefined;
}

/** The parts of a classic connection that a session uses in place of its own. */
export class ClassicSide {
  /** Splits what comes. */
  readonly reader: ObjectReader;
  /** Reads requests. */
  readonly requests: ClassicRequests;
  /** Serves them. */
  readonly service: ClassicService;
  readonly #terms: ClassicSideTerms;
  #queue: PacedQueue | undefined;

  /** Makes the parts; from now on the client gets objects. */
  constructor(terms: ClassicSideTerms) {
    const { plumbing, service, outlet, intake } = terms;
    const { clock, settings, memory, classicKeys: keys } = plumbing;
    const shape = new ClassicShape();
    this.#terms = terms;
    this.reader = new ObjectReader(intake, settings.maxLine, terms.takeAtOnce);
    this.requests = new ClassicRequests(service.requestLimits, shape);
    outlet.requeue((outbox) => {
      if (!(outbox instanceof Outbox)) return outbox;
      const frames = new ClassicFrames(shape);
      return this.#queue = new PacedQueue({
        clock,
        outbox,
        frames,
        memory,
        onFull: () => outlet.watch(),
      });
    });
    this.service = new ClassicService({
      service,
      keys,
      shape,
      requests: this.requests,
    });
  }

  /** What was read, and what comes. */
  get intake(): Intake {
    return this.#terms.intake;
  }

  /** What serves everybody. */
  get inner(): Service {
    return this.#terms.service;
  }

  /** The connection is about to end by an answer: messages that wait would only hold that up. */
  dropDeliveries(): void {
    this.#queue?.dropDeliveries();
  }

  /** The client takes lines from now on. */
  leave(): void {
    const { outlet, plumbing } = this.#terms;
    if (outlet.user !== undefined) plumbing.classicKeys.delete(outlet.user);
    outlet.requeue((queue) => queue instanceof PacedQueue ? queue.becomeLines() : queue);
  }
}
