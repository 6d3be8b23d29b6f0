import json
import subprocess
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from laam.settings import Settings
from laam.share.bundle import bundle_module, bundle_style, in_script
from laam.share.style import add_style_routes
from tests.engine.node import NODE

PAGE = Settings().assets / "page"


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        file = folder / name.replace("__", "/").replace("_js", ".js").replace("_css", ".css")
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def test_joined_modules_run_once_each_and_keep_their_names_to_themselves(tmp_path: Path) -> None:
    written(
        tmp_path,
        page__main_js=(
            'import { twice as double } from "../live/math.js";\nimport { name, Count } from "./names.js";\n'
            "const hidden = double(name.length);\nconsole.log(JSON.stringify([hidden, new Count().of, globalThis.ran]));\n"
        ),
        page__names_js='import { twice } from "../live/math.js";\nexport const name = "abc";\nconst hidden = 1;\n'
        "export class Count {\n  of = twice(hidden);\n}\n",
        live__math_js="globalThis.ran = (globalThis.ran ?? 0) + 1;\nexport function twice(a) {\n  return 2 * a;\n}\n",
    )
    module = bundle_module(tmp_path, "page/main.js")
    assert "\nimport " not in module and "\nexport " not in module
    done = subprocess.run([NODE, "--input-type=module", "-"], input=module, capture_output=True, encoding="utf-8", check=True)
    assert json.loads(done.stdout) == [6, 2, 1]
    made = bundle_module(tmp_path, "page/main.js", {"page/names.js": 'export const name = "";\nexport class Count {}\n'})
    assert '"abc"' not in made


def test_a_module_can_not_end_the_script_that_it_stands_in() -> None:
    assert "</" not in in_script('const end = "</script>";')


def test_a_style_sheet_holds_those_that_it_imports(tmp_path: Path) -> None:
    folder = written(tmp_path, a_css='@import url("b.css");\n@import url("c.css") print;\np {}\n', b_css="b {}\n", c_css="c {}\n")
    assert bundle_style(folder / "a.css") == "b {}\n@media print {\nc {}\n}\np {}\n"


@pytest.mark.parametrize("name", [file.name for file in sorted(PAGE.glob("*.css"))])
def test_each_style_sheet_is_served_as_one(name: str) -> None:
    app = FastAPI()
    add_style_routes(app, PAGE)
    answer = TestClient(app).get(f"/page/{name}")
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, "text/css")
    assert "@import" not in answer.text
