// Syntax colours, line by line: the HTML that laam/compare/highlight.py gives, but for words of assembler and for other languages, which stay uncoloured.
const C_SUFFIXES = new Set(["c", "cc", "cpp", "cxx", "c++", "h", "hh", "hpp", "hxx", "h++"]);
const LONG_LINE = 2000; // characters; a longer line stays uncoloured
const WORDS = new Set(
  `__inline __int128 _Alignas _Alignof _Atomic _BitInt _Bool _Complex _Countof _Decimal128 _Decimal32 _Decimal64 _Generic _Imaginary
  _inline _Noreturn _Pragma _Static_assert _Thread_local alignas alignof asm atomic_bool atomic_char atomic_char16_t atomic_char32_t
  atomic_int atomic_int_fast16_t atomic_int_fast32_t atomic_int_fast64_t atomic_int_fast8_t atomic_int_least16_t atomic_int_least32_t
  atomic_int_least64_t atomic_int_least8_t atomic_intmax_t atomic_intptr_t atomic_llong atomic_long atomic_ptrdiff_t atomic_schar
  atomic_short atomic_size_t atomic_uchar atomic_uint atomic_uint_fast16_t atomic_uint_fast32_t atomic_uint_fast64_t atomic_uint_fast8_t
  atomic_uint_least16_t atomic_uint_least32_t atomic_uint_least64_t atomic_uint_least8_t atomic_uintmax_t atomic_uintptr_t atomic_ullong
  atomic_ulong atomic_ushort atomic_wchar_t auto bool break byte case char clock_t clockid_t complex const constexpr continue countof
  cpu_set_t cpumask_t default defer dev_t DIR div_t do double else enum extern FILE float for fortran fpos_t gid_t goto id_t if
  imaginary inline ino_t int int16_t int32_t int64_t int8_t int_fast16_t int_fast32_t int_fast64_t int_fast8_t int_least16_t
  int_least32_t int_least64_t int_least8_t intmax_t intptr_t jmp_buf key_t ldiv_t long mbstate_t mode_t naked nfds_t noreturn off_t
  pid_t ptrdiff_t register restrict restricted return rlim_t short sig_atomic_t sig_t sighandler_t siginfo_t signed sigset_t sigval_t
  size_t sizeof socklen_t ssize_t static static_assert struct switch thread thread_local time_t timer_t typedef typeof typeof_unqual
  uid_t uint16_t uint32_t uint64_t uint8_t uint_fast16_t uint_fast32_t uint_fast64_t uint_fast8_t uint_least16_t uint_least32_t
  uint_least64_t uint_least8_t uintmax_t uintptr_t union unsigned va_list void volatile wchar_t wctrans_t wctype_t while wint_t`.split(/\s+/),
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
    this.language = suffix === "s" ? "asm" : C_SUFFIXES.has(suffix) ? "c" : "plain";
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
