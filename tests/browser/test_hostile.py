"""Hostile text in every field, in every address and out of the model, read back in Chromium: none of it becomes markup, and none runs."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.browser.conftest import PATIENCE, SCRIPTED, exhibit_in, go, open_panel, paste, serving, visiting

HOSTILE = [
    "<hacked-x><script>hacked=1</script>",
    '"><img src=x onerror=hacked=1><hacked-x a="',
    "'><svg/onload=hacked=1><hacked-x a='",
    '" hacked-a onfocus=alert(1) autofocus x="',
    "' hacked-a onmouseover=hacked=1 x='",
    "x hacked-a onclick=hacked=1",
    "</script><script>hacked=1</script><hacked-x>",
    "</textarea><hacked-x><script>alert(1)</script>",
    "</title></style></noscript></template></option></select><hacked-x>",
    "--><hacked-x><!--",
    "<![CDATA[<hacked-x>]]>",
    "javascript:hacked=1",
    "data:text/html,<script>hacked=1</script>",
    "${hacked=1}{{hacked=1}}`${alert(1)}`",
    "{% raw %}{{7*7}}",
    "\\\";hacked=1;//\\';hacked=1;//",
    "\u2028hacked=1\u2029<hacked-x>",
    "\x00<hacked-x>\x1b[31m\x7f",
    "\u202e\ufeff<hacked-x>\U0001f427",
    "&lt;hacked-x&gt;&#60;hacked-x&#62;",
    "%3Chacked-x%3E%22%20hacked-a%3D%22",
    '<a href="javascript:hacked=1">x</a><hacked-x>',
    '<iframe srcdoc="<script>parent.hacked=1</script>"></iframe><hacked-x>',
    "<math><mi xlink:href=javascript:hacked=1><hacked-x>",
    "../../../etc/passwd<hacked-x>",
    "[x](javascript:hacked=1)<hacked-x>",
    "<form action=javascript:hacked=1><button hacked-a>",
    "<base href=//hacked.invalid><meta http-equiv=refresh content=0;javascript:hacked=1><hacked-x>",
    "1e999999999999999999<hacked-x>",
    "/* */ // <hacked-x> #include <hacked-x> \"<hacked-x>\" '<hacked-x>' 0x<hacked-x>",
]
ALL = "\n".join(HOSTILE)
QUERIES = ("share/kernel/fork.c", "embed", "stream", "snippet", "state.json", "model/stream", "compare", "oembed", "certainty", "pz")
PAGES = ("memorisation", "card/x.png", "question", "trace", "map", "lab", "api", "forget/stream")
PATHS = ("share/*", "card/*.png", "emission/*/rows", "emission/x/*", "run/*/share.json", "page/*", "poster/*.svg", "*")
NAMES = ("path", "model", "t", "k", "seed", "n", "slide", "pieces", "against", "url", "__theme", "anything")
MARKS = """hacked-x, [hacked-a], script:not([src]):not([type]):not([nonce]), iframe, base[href^='//'], [onerror*=hacked],
  [onload*=hacked], [src=x],
  [href^='javascript:'], [href^='data:text'], [action^='javascript:'], meta[http-equiv=refresh]"""
FOUND = "(marks) => [...document.querySelectorAll(marks)].map((part) => part.outerHTML.slice(0, 200)).concat(window.hacked ? ['ran'] : [])"
READ = """async ([addresses, marks]) => {
  const found = [];
  for (const address of addresses) {
    const answer = await fetch(address);
    const text = await answer.text();
    const kind = answer.headers.get("content-type") ?? "";
    if (answer.status >= 500) found.push(`${answer.status} ${address}`);
    if (answer.headers.get("x-content-type-options") !== "nosniff") found.push(`may be guessed: ${address}`);
    if (!kind.startsWith("text/html")) continue;
    const parts = new DOMParser().parseFromString(text, "text/html").querySelectorAll(marks);
    found.push(...[...parts].map((part) => `${address}: ${part.outerHTML.slice(0, 200)}`));
  }
  return found;
}"""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose model answers with hostile text only."""
    text = ALL.replace("\x00", "\x01")  # which no argument of a program holds
    with serving([*SCRIPTED, "120", text], tmp_path_factory.mktemp("cache"), LAAM_MODEL="embedded") as address:
        yield address


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in which nothing may open a dialog, fail, or complain in the console, and no hostile text may have become markup."""
    said: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    with visiting(browser, allowed="status of 4") as page:
        page.on("dialog", dismiss)
        yield page
        assert page.evaluate(FOUND, MARKS) == []
    assert said == []


def test_no_route_takes_it_for_markup(page: Page, hostile: str) -> None:
    page.goto(hostile)
    quoted = dict(zip([*HOSTILE, ALL], page.evaluate("(texts) => texts.map(encodeURIComponent)", [*HOSTILE, ALL]), strict=True))
    addresses = [f"{route}?{name}={quoted[ALL]}" for route in QUERIES + PAGES for name in NAMES]
    addresses += [f"{route}?path=kernel/fork.c&{name}={quoted[ALL]}" for route in ("", "embed") for name in NAMES[1:]]
    addresses += [route.replace("*", text) for route in PATHS for text in quoted.values()]
    addresses += [f"{route}?path={text}" for route in ("embed", "stream", "lab") for text in quoted.values()]
    assert page.evaluate(READ, [addresses, MARKS]) == []


def test_no_field_takes_it_for_markup(page: Page, hostile: str) -> None:
    go(page, hostile)
    notice = page.get_by_role("alert")
    for text in HOSTILE:
        page.locator("#path").fill(text)
        page.locator("#path").press("Enter")
        notice.wait_for(timeout=PATIENCE)
        page.evaluate("document.querySelector('.notice').hidden = true")  # so that the next one is waited for
    paste(page, ALL)
    exhibit_in(page)
    open_panel(page, "more")
    settings = page.locator("#more input:visible")
    assert settings.count() > 4
    for setting in settings.all():
        setting.focus()
        page.keyboard.insert_text(ALL)
        page.keyboard.press("Enter")
    go(page, f"{hostile}map")
    for text in HOSTILE:
        page.get_by_label("Find a file").fill(text)
    expect(page.locator(".shown")).to_have_text(re.compile(" of 506 files$"))
    go(page, f"{hostile}lab")
    for text in (HOSTILE[0], HOSTILE[1]):
        page.locator("#path").fill(text)
        page.get_by_role("button", name="Measure it").click()
        expect(page.locator(".literature [role=status]")).to_contain_text(text.partition("<")[2] or text, timeout=PATIENCE)


@pytest.mark.parametrize("route", ["", "embed"])
def test_what_the_model_writes_is_no_markup(page: Page, hostile: str, route: str) -> None:
    page.goto(f"{hostile}{route}?path=kernel/fork.c")
    if route:
        page.locator("button.run").click()
    exhibit_in(page)
    assert "<hacked-x>" in page.locator(".opened").first.inner_text()


def test_what_is_traced_is_no_markup(page: Page, hostile: str) -> None:
    page.goto(f"{hostile}trace")
    page.get_by_label("The text").fill(ALL)
    page.get_by_label("An original").fill(ALL[::-1] + ALL)
    page.get_by_role("button", name="Trace it").click()
    page.locator("#beside").wait_for(timeout=PATIENCE)
    assert "<hacked-x>" in page.locator(".rows").last.inner_text()
