/** The one page: its frame, and the sections as they are when it is loaded. */
import { html, Markup } from './html.js';
import { renderSections, SECTION_NAMES, type ShownPicture } from './sections.js';

/** The whole document. Nothing in it comes from elsewhere. */
export function renderPage(shown: ShownPicture | undefined, nowWallMs: number): string {
  const sections = renderSections(shown, nowWallMs);
  const part = (name: string): Markup => new Markup(sections[name] ?? '');
  const self = shown?.picture.snapshot.status.self ?? 'heartbeat';
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${self} - heartbeat</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page.css">
<script src="/page.js" defer></script>
</head>
<body data-self="${self}">
<a class="skip" href="#main">To the state of the cluster</a>
<div id="connection" role="alert"></div>
<div id="said" class="noted" role="status" aria-live="polite"></div>
<header>
<h1><img src="/icon.svg" alt="" width="28" height="28"> ${self}</h1>
<p class="facts" id="facts">${part('facts')}</p>
</header>
<main id="main" tabindex="-1">
<div id="verdict">${part('verdict')}</div>
<div class="grid">
${SECTION_NAMES.map(({ name, wide }) => html`<section id="${name}" class="${wide ? 'wide' : ''}">${part(name)}</section>\n`)}
</div>
</main>
<footer>Read-only: commands are given on the node itself. The same as data: <a href="/status.json">status.json</a>, <a href="/metrics">metrics</a>.</footer>
</body>
</html>
`.text;
}
