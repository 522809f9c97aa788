/** What was found. */
export interface Violation {
  /** Which rule. */
  readonly rule:
    | "lost"
    | "missed"
    | "not back"
    | "presence"
    | "end"
    | "doubled"
    | "order"
    | "differs"
    | "two owners"
    | "not freed"
    | "deleted text";
  /** What, in words. */
  readonly what: string;
}
