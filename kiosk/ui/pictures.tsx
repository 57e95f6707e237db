/** Pictograms, for people who would rather look than read. Lines in the colour of the text; the words stand beside them. */
import type { ComponentChildren, FunctionComponent } from "preact";

export type Picture = FunctionComponent;

const draw = (lines: ComponentChildren): Picture => {
  const picture: Picture = () => (
    <svg
      class="picture"
      viewBox="0 0 96 96"
      fill="none"
      stroke="currentColor"
      stroke-width="5"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {lines}
    </svg>
  );
  return picture;
};

/** A phone held to the reader. */
export const ShowCodePicture = draw(
  <>
    <rect x="10" y="16" width="38" height="64" rx="8" />
    <path d="M20 30h7v7h-7zM33 30h6v7h-6zM20 44h7v7h-7zM34 46h5M34 52h1" stroke-width="4" />
    <path d="M25 69h8" />
    <path d="M58 40c4 5 4 11 0 16M66 32c8 10 8 22 0 32" />
    <path d="M84 14v68" stroke-width="9" />
  </>,
);

export const GoThroughPicture = draw(
  <>
    <path d="M14 84V34M82 84V34" stroke-width="10" />
    <path d="M48 84V18M28 38l20-20 20 20" stroke-width="7" />
  </>,
);

export const GateClosedPicture = draw(
  <>
    <path d="M14 84V28M82 84V28" stroke-width="10" />
    <path d="M22 46h52M22 64h52" />
  </>,
);

export const BookPicture = draw(
  <path d="M48 28c-8-7-21-9-35-8v54c14-1 27 1 35 8 8-7 21-9 35-8V20c-14-1-27 1-35 8zM48 28v54" />,
);

export const ScanItemPicture = draw(
  <>
    <path d="M26 12h44a6 6 0 0 1 6 6v60a6 6 0 0 1-6 6H26a6 6 0 0 1-6-6V18a6 6 0 0 1 6-6zM32 12v72" />
    <path d="M44 34v24M51 34v24M58 34v24M65 34v24" stroke-width="4" />
  </>,
);

export const BikePicture = draw(
  <>
    <circle cx="23" cy="62" r="16" />
    <circle cx="73" cy="62" r="16" />
    <path d="M23 62l15-26h26L46 62H23M36 30l10 32M64 36l9 26M64 36l-4-12h9M30 29h12" />
  </>,
);

export const EmptyDockPicture = draw(
  <>
    <path d="M28 82V40a20 20 0 0 1 40 0v42" stroke-dasharray="1 10" />
    <path d="M16 84h64" stroke-width="7" />
  </>,
);

export const ReturnPicture = draw(<path d="M48 12v40M31 37l17 17 17-17M14 56v20a7 7 0 0 0 7 7h54a7 7 0 0 0 7-7V56" />);

export const DonePicture = draw(
  <>
    <circle cx="48" cy="48" r="38" />
    <path d="M29 50l13 13 26-29" stroke-width="7" />
  </>,
);

export const StaffPicture = draw(
  <>
    <circle cx="36" cy="38" r="14" />
    <path d="M10 84c1-17 11-26 26-26s25 9 26 26" />
    <path d="M60 12h26v20H74l-9 8v-8h-5z" stroke-width="4" />
  </>,
);

export const RefreshPicture = draw(<path d="M80 48a32 32 0 1 1-10-23M74 8v18H56" />);

export const ClockPicture = draw(
  <>
    <circle cx="48" cy="48" r="36" />
    <path d="M48 26v22l15 10" />
  </>,
);

export const TicketPicture = draw(
  <>
    <path d="M12 28h72v12a8 8 0 0 0 0 16v12H12V56a8 8 0 0 0 0-16z" />
    <path d="M60 36v2M60 47v2M60 58v2" />
  </>,
);

export const PausePicture = draw(
  <>
    <circle cx="48" cy="48" r="36" />
    <path d="M39 36v24M57 36v24" stroke-width="7" />
  </>,
);

export const TerminalPicture = draw(
  <>
    <rect x="24" y="10" width="48" height="56" rx="6" />
    <path d="M48 66v18M30 85h36M36 24h24M36 36h14" />
  </>,
);

export const GlobePicture = draw(
  <>
    <circle cx="48" cy="48" r="36" />
    <path d="M12 48h72M48 12c-12 10-16 22-16 36s4 26 16 36c12-10 16-22 16-36S60 22 48 12z" />
  </>,
);

export const BusPicture = draw(
  <>
    <rect x="14" y="16" width="68" height="58" rx="8" />
    <path d="M14 48h68M48 16v32M24 74v8M72 74v8" />
    <path d="M27 61h1M68 61h1" stroke-width="8" />
  </>,
);

export const UmbrellaPicture = draw(
  <path d="M48 12v6M10 52a38 34 0 0 1 76 0c-6-7-19-7-25 0-6-7-20-7-26 0-6-7-19-7-25 0zM48 48v28a8 8 0 0 1-16 0" />,
);

export const PowerBankPicture = draw(
  <>
    <rect x="26" y="18" width="44" height="66" rx="8" />
    <path d="M40 18v-8h16v8M51 34L40 53h16L45 71" />
  </>,
);

export const VenuePicture = draw(
  <>
    <circle cx="48" cy="48" r="36" />
    <path d="M48 34l14 10-5 16H39l-5-16zM48 34V13M62 44l20-6M57 60l13 16M39 60L26 76M34 44l-20-6" />
  </>,
);

export const CarPicture = draw(
  <>
    <path d="M12 70V52l8-4 8-20h40l8 20 8 4v18zM22 48h52" />
    <circle cx="28" cy="70" r="8" fill="var(--mark-ground)" />
    <circle cx="68" cy="70" r="8" fill="var(--mark-ground)" />
  </>,
);

export const CounterPicture = draw(
  <>
    <circle cx="48" cy="26" r="13" />
    <path d="M26 56c2-10 10-15 22-15s20 5 22 15M10 56h76v10H10zM18 66v18M78 66v18" />
  </>,
);

export const ListPicture = draw(
  <>
    <rect x="18" y="10" width="60" height="76" rx="6" />
    <path d="M30 30l5 5 9-10M52 32h14M30 52l5 5 9-10M52 54h14M30 73h36" />
  </>,
);

export const AccountPicture = draw(
  <>
    <path d="M12 30h66a6 6 0 0 1 6 6v38a6 6 0 0 1-6 6H18a6 6 0 0 1-6-6zM12 30l50-16v16" />
    <path d="M84 46H66a9 9 0 0 0 0 18h18" />
  </>,
);
