/** How the report looks, in light and dark and on paper. */
export const STYLE = `
:root{color-scheme:light dark;--page:#f5f6f8;--card:#fff;--ink:#12161c;--soft:#5d6673;--rule:#e3e6ea;--accent:#2563eb;--gain:#0f9d63;--loss:#d43c3c;--price:#6b7482}
@media (prefers-color-scheme:dark){:root{--page:#0d1117;--card:#151b23;--ink:#e8ecf1;--soft:#93a0af;--rule:#262e38;--accent:#6ea0ff;--gain:#3ecf8e;--loss:#ff6b6b;--price:#8b96a5}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1140px;margin:0 auto;padding:36px 24px 56px}
h1{font-size:26px;line-height:1.25;margin:0;letter-spacing:-.01em}
h2{font-size:15px;margin:0 0 14px;font-weight:650}
p{margin:0}.soft{color:var(--soft)}.gain{color:var(--gain)}.loss{color:var(--loss)}
header{display:flex;justify-content:space-between;align-items:flex-end;gap:24px;flex-wrap:wrap;margin-bottom:24px}
.result{text-align:right}.result b{font-size:30px;letter-spacing:-.02em;line-height:1.1}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(138px,1fr));gap:12px;margin-bottom:12px}
.tile,section{background:var(--card);border:1px solid var(--rule);border-radius:12px}
.tile{padding:12px 16px}.tile span{display:block;font-size:12.5px;color:var(--soft)}.tile b{font-size:19px;letter-spacing:-.01em;white-space:nowrap}
section{padding:18px 20px;margin-bottom:12px}
.head{display:flex;justify-content:space-between;gap:16px;flex-wrap:wrap}.legend{font-size:12.5px;color:var(--soft)}
.legend i{display:inline-block;width:14px;height:0;border-top:2.5px solid;vertical-align:middle;margin:0 6px 2px 14px}
.legend .t{width:0;border:5px solid transparent;border-top:0;border-bottom:9px solid var(--gain)}.legend .s{width:0;border:5px solid transparent;border-bottom:0;border-top:9px solid var(--loss)}
svg{display:block;width:100%;height:auto;overflow:visible}
.grid{stroke:var(--rule);stroke-width:1}.rule{stroke:var(--soft);stroke-width:1}.tick{fill:var(--soft);font-size:11.5px}
.line-accent,.line-hold,.line-loss,.line-price{fill:none;stroke-linejoin:round;vector-effect:non-scaling-stroke}
.line-accent{stroke:var(--accent);stroke-width:2}.line-hold{stroke:var(--soft);stroke-width:1.25;stroke-dasharray:5 4}.line-loss{stroke:var(--loss);stroke-width:1.25}.line-price{stroke:var(--price);stroke-width:1.25}
.fill-accent{fill:var(--accent);opacity:.09}.fill-loss{fill:var(--loss);opacity:.16}.fill-range{fill:var(--price);opacity:.22}.dot-accent{fill:var(--accent)}
.buy{fill:var(--gain)}.sell{fill:var(--loss)}.buy,.sell{stroke:var(--card);stroke-width:.8}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(330px,1fr));gap:12px;margin-bottom:12px}.columns section{margin:0}
dl{margin:0;display:grid;grid-template-columns:minmax(48%,1fr) auto;row-gap:7px;column-gap:16px}dt{color:var(--soft)}dd{margin:0;text-align:right;font-weight:550;overflow-wrap:anywhere}
.scroll{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:12.8px;white-space:nowrap}
th{font-weight:550;color:var(--soft);text-align:right;padding:5px 6px}td{text-align:right;padding:5px 6px;border-top:1px solid var(--rule)}th:first-child,td:first-child{text-align:left}
.heat td{border:2px solid var(--card);border-radius:6px;min-width:58px}.heat td.year{border-left:10px solid var(--card);font-weight:650}
ul{margin:0;padding-left:18px}li+li{margin-top:4px}.warn{border-color:color-mix(in srgb,var(--loss) 45%,var(--rule))}
footer{color:var(--soft);font-size:13px;margin-top:20px;max-width:80ch}
@media print{body{background:#fff}main{padding:0}section,.tile{break-inside:avoid}}
`;
