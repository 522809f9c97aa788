import { importPart } from "../support/import_part.ts";

await importPart(import.meta.url);
