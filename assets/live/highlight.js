// Syntax colours, line by line: the HTML that laam/compare/highlight.py gives, but for words of assembler, which stay uncoloured, and for
// numbers that C doesn't have.
const LONG_LINE = 2000; // characters; a longer line stays uncoloured
const WORDS = new Set(
  `auto bool break byte case char const continue default do double else enum extern float for fortran goto if inline int long naked
  register restrict return short signed sizeof static struct switch thread typedef typeof union unsigned void volatile while asm
  DIR FILE clock_t cpu_set_t dev_t div_t fpos_t gid_t id_t ino_t jmp_buf key_t mode_t off_t pid_t ptrdiff_t sig_t sigset_t size_t ssize_t
  time_t timer_t uid_t va_list wchar_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t`.split(/\s+/),
);
const NUMBER = /^(?:0[xX][\da-fA-F]+|\d+\.\d*|\.\d+|\d+(?:[eE]\d+)?)[uUlLfF]*/;
const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
const TURNS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/; // they would change the order in which a text is shown
const NEXT_PART = /(?<comment>\/\*)|(?<rest>\/\/)|(?<string>"(?:\\[^]|[^"\\])*(?:"|\\?$)|'(?:\\[^]|[^'\\])+')|(?<code>[^/"'\s]+|\s+|[^])/uy;
// The same after a `'` that nothing closes: nothing closes another one either, and to look for its end each time would take for ever.
const NEXT_PART_UNCLOSED = new RegExp(NEXT_PART.source.replace("|'(?:\\\\[^]|[^'\\\\])+'", ""), "uy");
const STRING_END = /(?:\\[^]|[^"\\])*(?:"|\\?$)/uy;
const DIRECTIVE = { c: /^\s*#/, asm: /^\s*#\s*(?:define|undef|include|if|ifdef|ifndef|else|elif|endif|error|line|pragma)\b/ };

// Text as HTML, with `$`, braces and backticks escaped too, as the server does; control characters become pictures.
export function escape(text) {
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f"'`${}&<>\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    if (character in ENTITIES) return ENTITIES[character];
    const code = character.charCodeAt(0);
    if (TURNS.test(character)) return '<span class="ctl">\u2426</span>';
    if (code < 0x20) return character === "\n" ? character : `<span class="ctl">${String.fromCharCode(0x2400 + code)}</span>`;
    return code === 0x7f ? '<span class="ctl">\u2421</span>' : `&#${code};`;
  });
}

// Colours the lines of one file as they come.
export class LineHighlighter {
  constructor(path) {
    const suffix = /[^/.]\.([^./]*)$/.exec(path)?.[1].toLowerCase() ?? "";
    this.language = suffix === "s" ? "asm" : ["txt", ""].includes(suffix) ? "plain" : "c";
    this.state = { comment: false, directive: false, string: false };
  }

  // The HTML of the next line.
  feed(line) {
    const text = line.replace(/\n$/, "");
    if (this.language === "plain") return escape(text);
    const directive = this.state.directive || this.#startsDirective(text);
    const pieces = this.#scan(text, directive);
    const html = pieces.map(([kind, part]) => {
      if (kind === "code") return this.language === "c" && !directive && text.length <= LONG_LINE ? words(part) : escape(part);
      return tag({ comment: "i", string: directive ? "" : "st" }[kind], part);
    });
    return directive && html.length ? `<u>${html.join("")}</u>` : html.join("");
  }

  #startsDirective(line) {
    const { comment, directive, string } = this.state;
    return !comment && !directive && !string && DIRECTIVE[this.language].test(line);
  }

  // The line as [kind, text] of code, comments and strings; leaves the state in which it ends.
  #scan(line, directive) {
    const pieces = [];
    let [comment, string, at, next] = [false, false, 0, NEXT_PART];
    const push = (kind, end) => {
      const part = line.slice(at, end);
      if (kind === "code" && pieces.at(-1)?.[0] === "code") pieces.at(-1)[1] += part;
      else pieces.push([kind, part]);
      at = end;
    };
    const commentEnd = (from) => {
      const end = line.indexOf("*/", from);
      comment = end < 0;
      return comment ? line.length : end + 2;
    };
    if (this.state.comment) push("comment", commentEnd(0));
    else if (this.state.string) {
      STRING_END.lastIndex = 0;
      const [text] = STRING_END.exec(line);
      string = isOpen(text);
      push("string", text.length);
    }
    while (at < line.length) {
      if (this.language === "asm" && !directive && /[!|#]/.test(line[at]) && (!at || /\s/.test(line[at - 1]))) {
        push("comment", line.length);
        break;
      }
      next.lastIndex = at;
      const { groups } = next.exec(line);
      if (groups.comment) push("comment", commentEnd(at + 2));
      else if (groups.rest) push("comment", line.length);
      else if (groups.string) {
        string = groups.string[0] === '"' && isOpen(groups.string.slice(1));
        push("string", at + groups.string.length);
      } else {
        push("code", at + groups.code.length);
        if (groups.code === "'" && line[at] !== "'") next = NEXT_PART_UNCLOSED;
      }
    }
    this.state = { comment, directive: directive && (line.endsWith("\\") || comment), string };
    return pieces;
  }
}

// Whether a string's text, without its opening quote, runs on into the next line: its last character escapes the newline.
function isOpen(string) {
  return /\\*$/.exec(string)[0].length % 2 === 1;
}

function tag(name, text) {
  const html = escape(text);
  if (!name || !text.trim()) return html;
  return name === "st" ? `<span class="st">${html}</span>` : `<${name}>${html}</${name}>`;
}

// Code without comments and strings, with keywords, types and numbers marked; neighbours of one kind are joined.
function words(code) {
  const joined = [];
  const add = (kind, text) => {
    if (joined.at(-1)?.[0] === kind) joined.at(-1)[1] += text;
    else if (text) joined.push([kind, text]);
  };
  for (const atom of code.match(/[\p{L}\p{N}_.]+|[^\p{L}\p{N}_.]+/gu) ?? []) {
    const number = NUMBER.exec(atom)?.[0] ?? "";
    add("st", number);
    const rest = atom.slice(number.length);
    for (const word of rest.match(/\.+|[^.]+/g) ?? []) add(WORDS.has(word) ? "b" : "", word);
  }
  return joined.map(([kind, text]) => tag(kind, text)).join("");
}
