/** A QR code, always dark on white. `data-code` carries its text, for tests and for the curious. */
import type { DrawQr } from "./view.ts";

type QrProps = {
  readonly text: string;
  readonly level: "M" | "Q";
  readonly label: string;
  readonly drawQr: DrawQr;
};

export const Qr = ({ text, level, label, drawQr }: QrProps) => {
  const { size, path } = drawQr(text, level);
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} data-code={text}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
};
