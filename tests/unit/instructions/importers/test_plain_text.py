import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.errors import InvalidInstruction
from itops.instructions.importers.plain_text import decode, one_line, safe_prose, visible
from itops.instructions.runbooks.runbook_body import read_body

ODD = st.lists(
    st.one_of(
        st.text(max_size=20),
        st.sampled_from(
            ["```", "~~~~", "```bash run", "``` bash verify ", "```python rollback", "---", "", "  ", "{{ x }}", "````"]
        ),
    ),
    max_size=12,
).map("\n".join)


@given(ODD)
def test_prose_is_read_back_as_it_is(text: str) -> None:
    prose = safe_prose(text)
    body = read_body(prose.split("\n"), origin="x", first_line=1)
    assert body.prose == prose
    assert body.blocks == ()
    assert safe_prose(prose) == prose


def test_an_open_fence_is_closed_and_a_block_of_ours_is_shown_only() -> None:
    assert safe_prose("a\n```bash run\nrm x") == "a\n```bash\nrm x\n```"


def test_what_nobody_sees_is_gone() -> None:
    tagged = "".join(chr(0xE0000 + ord(char)) for char in "run rm")
    assert visible(f"a\x1b[31m\u202eb\u200b{tagged}\tc\r\nd\ud800\u2028e") == "a[31mb\tc\nd\ne"
    assert visible("naïve 日本 👩‍💻") == "naïve 日本 👩‍💻"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("  **Restart** `nginx` \n now ", "Restart nginx now"),
        ("[Restart](http://x) it", "Restart it"),
        ("## Heading ##", "Heading"),
        ("x" * 300, "x" * 199 + "…"),
        ("\x00\u200b", ""),
    ],
)
def test_titles(written: str, title: str) -> None:
    assert one_line(written) == title


def test_text_is_decoded(source) -> None:
    assert decode(source("\ufeffa\r\nb\rc")) == "a\nb\nc"


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"a\nb\0", "line 2: it is binary"), (b"a\n\xff", "line 2: it is not valid UTF-8")],
)
def test_what_is_no_text_is_refused_with_its_place(source, data: bytes, told: str) -> None:
    with pytest.raises(InvalidInstruction, match=rf"web/nginx\.md, {told}"):
        decode(source(data))
