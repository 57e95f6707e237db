/** What a terminal does, by its profile. */
import type { Flow, Lane } from "../lane.ts";
import { createDeskFlow } from "./desk.ts";
import { createDockFlow } from "./dock.ts";
import { createGateFlow } from "./gate.ts";
import { createInquiryFlow } from "./inquiry.ts";
import { createLibraryFlow } from "./library.ts";

export const createFlow = (lane: Lane): Flow => {
  const { profile } = lane;
  if ("action" in profile) return createGateFlow(lane, profile);
  if ("docks" in profile) return createDockFlow(lane, profile);
  switch (profile.service) {
    case "library":
      return createLibraryFlow(lane);
    case "desk":
      return createDeskFlow(lane);
    case "inquiry":
      return createInquiryFlow(lane);
  }
};
