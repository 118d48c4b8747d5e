/** The style sheet of the page: light and dark, from a telephone to a wall. Contrasts are those of WCAG AA. */
export const PAGE_STYLE = `:root {
  color-scheme: light dark;
  --ground: #f6f8fa; --card: #ffffff; --text: #1b1f24; --dim: #57606a; --line: #d0d7de; --strong: #6e7781;
  --good: #116329; --good-soft: #dafbe1; --busy: #7a4d00; --busy-soft: #fff3cd; --bad: #a40e26; --bad-soft: #ffebe9;
  --node0: #0b5394; --node1: #6f3fa5; --node2: #0f6b6b; --node3: #8a4b08; --focus: #0550ae;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0d1117; --card: #161b22; --text: #e6edf3; --dim: #9ea7b3; --line: #30363d; --strong: #8b949e;
    --good: #56d364; --good-soft: #12261a; --busy: #e3b341; --busy-soft: #2b2111; --bad: #ff8e86; --bad-soft: #3a1416;
    --node0: #6cb6ff; --node1: #d2a8ff; --node2: #56d4c8; --node3: #f0a35e; --focus: #79c0ff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
a { color: var(--focus); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
.skip { position: absolute; left: -9999px; }
.skip:focus { left: 8px; top: 8px; background: var(--card); padding: 8px 12px; z-index: 2; }
header, main, footer { max-width: 1180px; margin: 0 auto; padding: 0 16px; }
header { padding-top: 18px; }
h1 { font-size: 22px; margin: 0; display: flex; align-items: center; gap: 10px; }
h1 img { width: 28px; height: 28px; }
h2 { font-size: 15px; margin: 0 0 10px; letter-spacing: .02em; }
.facts { color: var(--dim); margin: 4px 0 14px; }
.verdict { border-left: 6px solid; border-radius: 8px; padding: 12px 16px; margin: 0 0 16px; font-weight: 600; font-size: 17px; }
.verdict.well { border-color: var(--good); background: var(--good-soft); color: var(--good); }
.verdict.warning { border-color: var(--busy); background: var(--busy-soft); color: var(--busy); }
.verdict.critical { border-color: var(--bad); background: var(--bad-soft); color: var(--bad); }
.verdict ul { margin: 6px 0 0; padding-left: 20px; font-weight: 400; font-size: 15px; }
.grid { display: grid; grid-template-columns: 1fr; gap: 16px; }
@media (min-width: 900px) { .grid { grid-template-columns: 1fr 1fr; } .wide { grid-column: 1 / -1; } }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; min-width: 0; }
section:empty { display: none; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { color: var(--dim); font-weight: 600; font-size: 13px; white-space: nowrap; }
tbody th { font-weight: 600; }
.time { white-space: nowrap; color: var(--dim); }
#nodes td, #nodes th { white-space: nowrap; }
.timeline + .legend { margin-bottom: 14px; }
main:focus { outline: none; }
.badge { white-space: nowrap; font-weight: 600; }
.good { color: var(--good); } .busy { color: var(--busy); } .bad { color: var(--bad); } .quiet { color: var(--dim); }
.dim { color: var(--dim); }
svg { display: block; width: 100%; height: auto; }
.drawing { max-width: 640px; margin: 0 auto; }
svg text { fill: var(--text); font-family: inherit; }
svg .name { font-size: 15px; font-weight: 700; } svg .small { font-size: 12.5px; }
svg .dimtext { fill: var(--dim); }
svg .goodtext { fill: var(--good); } svg .busytext { fill: var(--busy); } svg .badtext { fill: var(--bad); }
svg .quiettext { fill: var(--dim); }
svg .box { fill: var(--card); stroke: var(--strong); stroke-width: 1.5; }
svg .box.bad { stroke: var(--bad); stroke-width: 2.5; stroke-dasharray: 6 4; fill: var(--bad-soft); }
svg .box.busy { stroke: var(--busy); stroke-width: 2.5; }
svg .box.good { stroke: var(--good); stroke-width: 2; }
svg .wire.good { stroke: var(--good); stroke-width: 2.5; }
svg .wire.busy { stroke: var(--busy); stroke-width: 2.5; }
svg .wire.bad { stroke: var(--bad); stroke-width: 2.5; stroke-dasharray: 3 6; }
svg .chip { fill: var(--ground); stroke: var(--line); }
.timeline { display: grid; grid-template-columns: minmax(70px, 150px) 1fr; gap: 6px 12px; align-items: center; }
.timeline .who { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; font-weight: 600; }
.timeline svg { height: 22px; border-radius: 4px; border: 1px solid var(--strong); }
.hours { display: flex; justify-content: space-between; color: var(--dim); font-size: 12.5px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 12px 0 0; padding: 0; list-style: none; font-size: 13px; }
.legend svg { display: inline-block; width: 14px; height: 14px; vertical-align: -2px; margin-right: 6px; border-radius: 3px; }
.server0 { fill: var(--node0); } .server1 { fill: var(--node1); } .server2 { fill: var(--node2); } .server3 { fill: var(--node3); }
.down { fill: var(--bad); } .unseen { fill: var(--line); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 6px 16px; margin: 0; }
dt { color: var(--dim); } dd { margin: 0; }
#connection:not(:empty) { position: sticky; top: 0; background: var(--bad-soft); color: var(--bad); text-align: center;
  padding: 8px 16px; font-weight: 600; z-index: 1; border-bottom: 2px solid var(--bad); }
footer { color: var(--dim); padding-top: 16px; padding-bottom: 28px; font-size: 13px; }
.noted { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 520px) { body { font-size: 14px; } header, main, footer { padding-left: 10px; padding-right: 10px; }
  section { padding: 12px; } th, td { padding-right: 10px; } .timeline { grid-template-columns: 96px 1fr; } .hours span:nth-child(even) { display: none; } }
@media print { body { background: #fff; } section { break-inside: avoid; } }
`;
