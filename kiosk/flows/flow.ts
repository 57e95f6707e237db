/** What a terminal does, by its profile; it fetches no other's. */
import type { Profile } from "../../shared/messages.ts";
import type { Flow, Lane } from "../lane.ts";

export const loadFlow = async (profile: Profile): Promise<(lane: Lane) => Flow> => {
  if ("action" in profile) {
    const { createGateFlow } = await import("./gate.ts");
    return (lane) => createGateFlow(lane, profile);
  }
  if ("docks" in profile) {
    const { createDockFlow } = await import("./dock.ts");
    return (lane) => createDockFlow(lane, profile);
  }
  switch (profile.service) {
    case "library":
      return (await import("./library.ts")).createLibraryFlow;
    case "desk": {
      const { createDeskFlow } = await import("./desk.ts");
      return (lane) => createDeskFlow(lane, profile);
    }
    case "inquiry":
      return (await import("./inquiry.ts")).createInquiryFlow;
  }
};
