from laam.corpus.functions import Function, find_functions, read_functions

TEXT = b"""/* int not(void) { } */
static int pour(int cups)
{
\tif (cups) {
\t\treturn 1;
\t}
\treturn 0;
}
int
*stir(void) { return 0; }
asmlinkage void sys_tea(struct pot * pot) { }
int (*spill(void))(int) { return 0; }
#define HOT {
struct pot { int lid; };
"""


def test_each_function_has_its_name_and_its_lines() -> None:
    described = find_functions("linux/tea.c", TEXT)
    assert described[:2] == ("2-8 pour", "9-10 stir")
    assert read_functions(described)[0] == Function("pour", 1, 7)
    assert [function.name for function in read_functions(described)] == ["pour", "stir", "sys_tea", "spill"]


def test_what_is_not_c_has_none_and_what_is_broken_stops_nothing() -> None:
    assert find_functions("linux/tea.S", TEXT) == ()
    assert find_functions("linux/tea.c", TEXT[:-20] + b"\xff{((\x00")[0] == "2-8 pour"
    assert find_functions("linux/tea.c", b"") == ()
