/** The page at `/`: what this is, and where to go from here. Its style comes from a route of its own, as the policy asks. */
import { html } from "hono/html";

export const startPage = (hasDemo: boolean) => html`<!doctype html>
<html lang="zh-CN">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="theme-color" content="#0b5d3b" />
    <title>Greenlane 绿色通道</title>
    <link rel="icon" href="${icon}" />
    <link rel="stylesheet" href="/start.css" />
  </head>
  <body>
    <main>
      <h1>绿色通道 <span lang="en">Greenlane</span></h1>
      <p>图书馆、地铁和公共自行车的自助终端。信用分只带来便利，从不设门槛；有没有网络都能用。</p>
      <p lang="en">
        Self-service terminals for libraries, metros and bikes. A score only adds, and never closes a gate; network or no
        network.
      </p>
      <ul>
        ${links
          .filter((link) => hasDemo || !link.isDemo)
          .map(
            (link) => html`<li>
            <a href="${link.href}" class="${link.isDemo ? "first" : "other"}">
              <strong>${link.zh} <span lang="en">${link.en}</span></strong>
              <span>${link.aboutZh}</span>
              <span lang="en">${link.aboutEn}</span>
            </a>
          </li>`,
          )}
      </ul>
    </main>
  </body>
</html>`;

const icon =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 8 8'%3E%3Crect width='8' height='8' rx='2' fill='%230b5d3b'/%3E%3C/svg%3E";

const links = [
  {
    href: "/demo/",
    isDemo: true,
    zh: "演示",
    en: "Demo",
    aboutZh: "一部手机和三台终端，同在一页。",
    aboutEn: "A phone and three terminals side by side. Start here.",
  },
  {
    href: "/kiosk/",
    isDemo: false,
    zh: "终端",
    en: "Terminal",
    aboutZh: "把这台设备变成自助终端。",
    aboutEn: "Make a terminal of this device.",
  },
  {
    href: "/wallet/",
    isDemo: false,
    zh: "手机",
    en: "Phone",
    aboutZh: "出示动态二维码的市民手机。",
    aboutEn: "The citizen's phone, with its code.",
  },
  {
    href: "/openapi.json",
    isDemo: false,
    zh: "接口",
    en: "API",
    aboutZh: "OpenAPI 文档。",
    aboutEn: "The OpenAPI document.",
  },
] as const;

export const startStyle = `
:root { color-scheme: light; }
body {
  margin: 0;
  background: #ffffff;
  color: #13211b;
  font: 1.125rem/1.5 "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "HarmonyOS Sans SC", "Microsoft YaHei",
    "Noto Sans SC", "Noto Sans CJK SC", Arial, sans-serif;
}
main { max-width: 44rem; margin: 0 auto; padding: 3rem 1.5rem; }
h1 { margin: 0 0 1.5rem; color: #0b5d3b; font-size: 2.625rem; line-height: 1.2; }
p { margin: 0 0 0.75rem; }
ul { margin: 2rem 0 0; padding: 0; list-style: none; display: grid; gap: 1rem; }
a {
  display: grid;
  gap: 0.25rem;
  padding: 1.25rem 1.5rem;
  border: 2px solid #5d6c64;
  border-radius: 1.25rem;
  color: inherit;
  text-decoration: none;
}
a strong { font-size: 1.5rem; font-weight: 650; color: #0b5d3b; }
a:hover { border-color: #0b5d3b; background: #eef6f1; }
a:focus-visible { outline: 3px solid #13211b; outline-offset: 2px; }
a.first, a.first strong { border-color: #0b5d3b; background: #0b5d3b; color: #ffffff; }
a.first:hover { border-color: #07432a; background: #07432a; }
a.first:hover strong { background: #07432a; }
`;
