import { type Line, paint } from "../../client/chat/styled_line.ts";
import type { Ui } from "../../client/chat/ui.ts";

/** A person whose answers are known beforehand. */
export class FakeUi implements Ui {
  isInteractive = true;
  repaintsPrompt = true;
  /** What was shown, as plain text. */
  readonly shown: string[] = [];
  /** What was asked. */
  readonly questions: string[] = [];
  /** What will be answered. */
  answers: (string | undefined)[] = [];
  bells = 0;
  #news = Promise.withResolvers<void>();

  show(...lines: Line[]): void {
    this.shown.push(...lines.map((line) => paint(line).replace(/^\[[\d:]+\] /, "")));
    const { resolve } = this.#news;
    this.#news = Promise.withResolvers<void>();
    resolve();
  }

  /** Resolves when a text has been shown. */
  async until(text: string): Promise<void> {
    while (!this.shown.some((line) => line.includes(text))) await this.#news.promise;
  }

  ask(question: string): Promise<string | undefined> {
    this.questions.push(question);
    return Promise.resolve(this.answers.shift());
  }

  askSecret(question: string): Promise<string | undefined> {
    return this.ask(question);
  }

  async confirm(question: string): Promise<boolean> {
    return await this.ask(question) === "y";
  }

  ring(): void {
    this.bells++;
  }

  refresh(): void {}
}
