/** The browser tests look at the apps as they are built and served: build what is missing once, before all of them. */
import { buildMissing } from "../../edge-server/build-missing.ts";

export const setup = buildMissing;
