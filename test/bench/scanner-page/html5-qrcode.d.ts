/** What the package's own types leave out: the paths inside of it. */
declare module "html5-qrcode/esm/core.js" {
  export { Html5QrcodeSupportedFormats } from "html5-qrcode";
}
declare module "html5-qrcode/esm/zxing-html5-qrcode-decoder.js" {
  export class ZXingHtml5QrcodeDecoder {
    constructor(formats: readonly number[], verbose: boolean, logger: { readonly warn: (text: string) => void });
    decodeAsync(canvas: HTMLCanvasElement): Promise<{ readonly text: string }>;
  }
}
