// The headline of a result: its number, and what that is a share of. As in laam/emission/headline.py, which says what it is made of.
import { percent, say } from "./say.js";

const LITTLE = 0.1; // of an original; a file that comes back by less than this was not known

// `score`: of scoreText; `wholeFile`: whether the whole file was asked for; `filled`: whether the emission ended because the window was full.
export function headlineOf(score, { wholeFile, filled }) {
  const of = wholeFile ? "file" : "rest";
  const share = score.originalCharacters ? score.reproduced : null;
  const within = score.reachLines === score.originalLines ? null : score.withinReach;
  const known = Math.max(score.reproduced, within ?? 0) >= LITTLE;
  const kind = wholeFile ? (score.reproduced >= 1 ? "whole" : known ? "part" : "none") : "aside";
  const whole = { share, of, lines: score.originalLines, second: "", kind };
  if (within === null) return whole;
  if (!filled) return { ...whole, second: secondOf("window", within) };
  return { share: within, of: "window", lines: score.reachLines, second: secondOf(of, score.reproduced), kind };
}

// `score`: of scoreCredits.
export function creditHeadline(score) {
  return { share: score.foundWithoutBoilerplate, of: "text", lines: 0, second: "", kind: "aside" };
}

// The page's fields of a headline.
export function headlineFields({ share, of, second, kind }) {
  const reproduced = share === null ? "–" : percent(share);
  return { reproduced, measure: say(`of_${of}`), second, in_short: say(`short_${of}`, { share: reproduced, second }), score: kind };
}

function secondOf(of, share) {
  return say(`second_${of}`, { share: percent(share) });
}
