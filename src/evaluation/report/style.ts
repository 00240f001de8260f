/** The page's style; light and dark follow the reader's system. */
export const style = `
:root{--page:#faf9f7;--card:#fff;--ink:#20242a;--quiet:#626a75;--rule:#e4e1dc;--score:#1f5f99;--level:#b3471d;--truth:#e9a23b40;--truth-edge:#c47f14;--appearance:#8a4bb0;--motion:#15806a;--font:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
@media (prefers-color-scheme:dark){:root{--page:#14171b;--card:#1b1f25;--ink:#e7e9ec;--quiet:#9aa3af;--rule:#2d333b;--score:#6db3f2;--level:#f08a5d;--truth:#e9a23b2b;--truth-edge:#e0a548;--appearance:#c595e6;--motion:#4fc7aa}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 var(--font);font-variant-numeric:tabular-nums}
header,main,footer{max-width:1160px;margin:0 auto;padding:0 clamp(16px,4vw,40px)}
header{padding-top:clamp(28px,5vw,56px)}
.kicker{margin:0;color:var(--quiet);font-size:.85rem;letter-spacing:.04em}
h1{margin:.1em 0 .25em;font-size:clamp(1.7rem,4.5vw,2.6rem);line-height:1.15;letter-spacing:-.02em;font-weight:650;overflow-wrap:anywhere}
h1 span{font-weight:400;color:var(--quiet)}
header p:last-child{margin:0;color:var(--quiet)}
h2{margin:0 0 .6rem;font-size:1.2rem;letter-spacing:-.01em}
h3{margin:0;font-size:1.05rem;overflow-wrap:anywhere}
section{margin-top:clamp(32px,5vw,52px)}
small{font-size:.82em;color:var(--quiet);font-weight:400}
.none{color:var(--quiet)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;margin:0;background:var(--rule);border:1px solid var(--rule);border-radius:12px;overflow:hidden}
.tiles>div{background:var(--card);padding:16px 18px}
.tiles>div:first-child b{color:var(--score)}
dt{color:var(--quiet);font-size:.85rem}
dd{margin:0}
dd b{display:block;font-size:1.95rem;line-height:1.25;font-weight:600;letter-spacing:-.02em}
dd b small{font-size:.6em}
dd span{display:block;font-size:.8rem;line-height:1.35;color:var(--quiet)}
dd b span{display:inline;font-size:inherit}
.columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:28px 40px}
.wide{grid-column:1/-1;overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{padding:.5rem .9rem .5rem 0;border-bottom:1px solid var(--rule);text-align:right;vertical-align:top}
th:first-child{text-align:left;font-weight:500}
th:last-child,td:last-child{padding-right:0}
thead th{font-size:.82rem;color:var(--quiet);font-weight:500;vertical-align:bottom}
tbody th small{display:block}
.pairs th small{display:inline}
main>section:last-child .pairs td{text-align:left}
main>section:last-child .pairs th{width:11rem;color:var(--quiet)}
.note{max-width:70ch;margin:.2rem 0 1rem;color:var(--quiet);font-size:.92rem}
.legend{display:flex;flex-wrap:wrap;gap:6px 20px;margin:0 0 .6rem;padding:0;list-style:none;font-size:.88rem}
.legend li{display:flex;align-items:center;gap:8px}
.key{display:inline-block;width:22px;height:0;border-top:2.5px solid currentColor}
.key.level{border-top-style:dashed}
.key.score,.key.training{color:var(--score)}.key.level,.key.validation{color:var(--level)}.key.appearance{color:var(--appearance)}.key.motion{color:var(--motion)}
.key.truth{height:14px;border:0;background:var(--truth);border-bottom:2px solid var(--truth-edge)}
.key.heat{width:64px;height:12px;border:0;border-radius:3px}
nav{display:flex;flex-wrap:wrap;gap:6px;margin-bottom:1rem}
nav a{padding:.25rem .7rem;border:1px solid var(--rule);border-radius:99px;background:var(--card);color:inherit;text-decoration:none;font-size:.88rem}
nav a:hover{border-color:var(--score)}
a:focus-visible{outline:2px solid var(--score);outline-offset:2px}
article{margin-top:18px;padding:clamp(14px,2.5vw,24px);background:var(--card);border:1px solid var(--rule);border-radius:12px;scroll-margin-top:12px}
.facts{margin:.1rem 0 1rem;color:var(--quiet);font-size:.88rem}
.chart{display:grid;grid-template-columns:2.6rem 1fr;margin-top:10px}
.area{position:relative;border-bottom:1px solid var(--rule)}
.tall .area{height:170px}
.low .area{height:92px}
svg{position:absolute;inset:0;width:100%;height:100%;overflow:hidden}
svg *{vector-effect:non-scaling-stroke}
.line{fill:none;stroke-width:1.6;stroke-linejoin:round}
.score{stroke:var(--score)}.appearance{stroke:var(--appearance)}.motion{stroke:var(--motion)}.training{stroke:var(--score)}.validation{stroke:var(--level)}
.grid{stroke:var(--rule);stroke-width:1}
.level{stroke:var(--level);stroke-width:1.4;stroke-dasharray:6 5}
rect.truth{fill:var(--truth)}
.marks{position:absolute;inset:0}
.marks b,figcaption b{display:inline-block;min-width:18px;height:18px;border-radius:9px;background:var(--ink);color:var(--card);font-size:11px;line-height:18px;text-align:center;font-weight:600}
.marks b{position:absolute;transform:translate(-50%,-50%)}
.y,.x{position:relative;color:var(--quiet);font-size:.72rem}
.y span{position:absolute;right:8px;transform:translateY(-50%);white-space:nowrap}
.x{grid-column:2;height:1.5em}
.x span{position:absolute;transform:translateX(-50%);top:3px;white-space:nowrap}
.x span:first-child{transform:none}
.x span.end{transform:translateX(-100%)}
.pictures{display:grid;grid-template-columns:repeat(3,minmax(0,440px));gap:16px;margin-top:16px}
figure{margin:0}
.remarks{margin:.4rem 0;padding-left:1.2rem}
.columns>div>.note{margin:.5rem 0 0;font-size:.85rem}
img{display:block;width:100%;height:auto;border-radius:8px;background:var(--rule)}
figcaption{margin-top:6px;font-size:.82rem;line-height:1.5;color:var(--quiet)}
.losses{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:24px 32px}
.losses figcaption b{all:unset;font-weight:600;color:var(--ink)}
footer{padding-top:32px;padding-bottom:40px;color:var(--quiet);font-size:.85rem}
@media (max-width:560px){.tiles{grid-template-columns:1fr 1fr}.tiles>div:first-child{grid-column:1/-1}.columns{gap:32px}main>section:last-child .pairs :is(th,td){display:block;width:auto;border:0;padding:0}main>section:last-child .pairs th{padding-top:.7rem;font-size:.85rem}.wide table{font-size:.9rem}th,td{padding-right:.5rem}.tall .area{height:140px}.pictures{grid-template-columns:none;grid-auto-flow:column;grid-auto-columns:82%;overflow-x:auto;scroll-snap-type:x mandatory}.pictures figure{scroll-snap-align:start}.y{font-size:.66rem}}
@media print{article{break-inside:avoid}nav{display:none}}
`;
