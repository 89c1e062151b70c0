import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.instructions.importers.importer import Source, identity, unused
from itops.instructions.runbooks.runbook_text import parse


@given(st.lists(st.text(max_size=200), max_size=6))
def test_an_id_is_one_that_our_format_takes(parts: list[str]) -> None:
    name = identity(*parts)
    text = f"---\nid: {name}\ntitle: x\nplatform: any\n---\n"
    assert parse(text, origin="x").id == name
    assert identity(*parts) == name


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("acme", "web/nginx", "Restart it!"), "acme.web-nginx.restart-it"),
        (("", "Café crème"), "cafe-creme"),
        ((), "imported"),
        (("a" * 100, "b"), f"{'a' * 60}.b"),
    ],
)
def test_ids_are_made_of_words(parts: tuple[str, ...], name: str) -> None:
    assert identity(*parts) == name


def test_titles_in_other_letters_stay_apart() -> None:
    first, second = identity("acme", "Перезапуск nginx"), identity("acme", "Остановка nginx")
    assert first != second
    assert first.startswith("acme.nginx-")


def test_an_id_that_is_taken_gets_a_number() -> None:
    seen: set[str] = set()
    assert [unused(name, seen) for name in ("a", "a", "a-2", "a")] == ["a", "a-2", "a-2-2", "a-3"]


def test_a_place_is_the_path_inside_the_root(source) -> None:
    made: Source = source("x", "a/b.md")
    assert made.place == "a/b.md"


@pytest.mark.parametrize("name", ["nginx.md", "nginx.yaml", "nginx"])
def test_an_id_says_where_the_file_is_and_not_its_format(source, name: str) -> None:
    assert source("x", f"linux/web.d/{name}").parts == ("linux", "web.d", "nginx")
