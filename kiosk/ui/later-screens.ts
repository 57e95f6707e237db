/** What a terminal that waits for the next person does not show, fetched apart from the page. */
import { later } from "./later.tsx";

export const HandOver = later(async () => (await import("./hand-over.tsx")).HandOver);
export const ReaderCareList = later(async () => (await import("./reader-care.tsx")).ReaderCareList);
export const Session = later(async () => (await import("./session.tsx")).Session);
export const StaffDesk = later(async () => (await import("./staff-desk.tsx")).StaffDesk);

/** From then on each is drawn at once. */
export const loadScreens = async (): Promise<void> => {
  await Promise.all([HandOver, ReaderCareList, Session, StaffDesk].map(({ load }) => load()));
};
