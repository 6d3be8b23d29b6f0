"""The functions of a C file, with their lines, as tree-sitter's grammar of C finds them. It goes on after what it can't read."""

from collections.abc import Container, Iterable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from laam.extras import training_packages

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

C_FILES = (".c", ".h")
CHARACTERS = 100  # of a name


class Function(NamedTuple):
    """A function: its name, and its first and last line, counted from 0."""

    name: str
    first: int
    last: int


def find_functions(path: str, data: bytes) -> tuple[str, ...]:
    """The functions of a file in order, each as `FIRST-LAST NAME` with lines counted from 1: as a manifest has them, and `read_functions`
    reads them. Empty if it isn't C."""
    if not path.endswith(C_FILES):
        return ()
    found = []
    nodes = [_parser().parse(data).root_node]
    while nodes:
        node = nodes.pop()
        if node.type == "function_definition":
            found.append(Function(_name(node), node.start_point.row, node.end_point.row))
        elif node.type != "compound_statement":  # what a function begins within another's body is none of C
            nodes += node.children
    return tuple(f"{first + 1}-{last + 1} {name}" for name, first, last in sorted(found, key=lambda function: function[1:]))


def read_functions(described: Iterable[str]) -> list[Function]:
    """The functions that a manifest has."""
    parts = ((lines.split("-"), name) for lines, _, name in (function.partition(" ") for function in described))
    return [Function(name, int(first) - 1, int(last) - 1) for (first, last), name in parts]


def whole_functions(described: Iterable[str], lines: Container[int]) -> tuple[str, ...]:
    """The names of those functions of which all `lines` are there, counted from 0."""
    return tuple(name for name, first, last in read_functions(described) if all(line in lines for line in range(first, last + 1)))


def _name(function: "Node") -> str:
    node: Node | None = function
    while node is not None and node.type != "identifier":
        node = node.child_by_field_name("declarator") or next((child for child in node.children if child.type in _INNER), None)
    name = (node.text or b"").decode("ascii", "replace") if node else ""
    return name[:CHARACTERS] or "?"


_INNER = ("identifier", "function_declarator", "parenthesized_declarator", "pointer_declarator")


@cache
def _parser() -> "Parser":
    with training_packages():
        import tree_sitter_c
        from tree_sitter import Language, Parser
    return Parser(Language(tree_sitter_c.language()))
