"""An instruction's text is read into exactly what it says, and written so that it is read back as the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.domain.effect import Effect
from itops.domain.instruction import Block, Instruction, Parameter, SecretSpec
from itops.domain.target import Platform
from itops.errors import InvalidInstruction
from itops.instructions.runbooks.runbook_text import parse, to_markdown

UNLOCK = """---
id: linux.user.unlock
title: Unlock a locked user account
platform: linux            # a comment
tags: [identity, no]
effect: change
idempotent: yes
secrets: {}
parameters:
  user: {description: Login name, type: user, pattern: '^[a-z_][a-z0-9_-]{0,31}$', example: alice}
  tries: {type: count, default: 010, phrases: ['after {}']}
phrases: [unlock account, account is locked out]
time_limit_seconds: 30
---
When to use it.

```bash run
faillock --user {{ user }} --reset {{tries}}
docker ps --format '{{.Names}} {{json .}}'
```

```bash verify
passwd --status {{ user }}
```
"""


def test_every_key_arrives() -> None:
    assert parse(UNLOCK, origin="a.md") == Instruction(
        id="linux.user.unlock",
        title="Unlock a locked user account",
        platform=Platform.LINUX,
        tags=("identity", "no"),
        effect=Effect.CHANGE,
        idempotent=True,
        parameters=(
            Parameter(
                name="user",
                description="Login name",
                type="user",
                pattern="^[a-z_][a-z0-9_-]{0,31}$",
                example="alice",
            ),
            Parameter(name="tries", type="count", default="010", phrases=("after {}",)),
        ),
        phrases=("unlock account", "account is locked out"),
        time_limit_seconds=30,
        prose="When to use it.",
        blocks=(
            Block(
                kind="run",
                language="bash",
                text="faillock --user {{ user }} --reset {{tries}}\ndocker ps --format '{{.Names}} {{json .}}'",
            ),
            Block(kind="verify", language="bash", text="passwd --status {{ user }}"),
        ),
    )


def test_line_endings_and_byte_order_mark_make_no_other_version() -> None:
    assert parse("\ufeff" + UNLOCK.replace("\n", "\r\n"), origin="b.md").version == parse(UNLOCK, origin="a.md").version


def test_secrets_have_one_origin() -> None:
    text = UNLOCK.replace("secrets: {}", "secrets: {password: {generate: true, deliver: stdin}}")
    assert parse(text, origin="a.md").secrets == (SecretSpec(name="password", generate=True),)


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("---\nid:", "id:", 1, "no front matter"),
        ("time_limit_seconds: 30\n---", "time_limit_seconds: 30", 1, "the front matter is never closed"),
        ("id: linux.user.unlock\n", "", 1, "id is missing"),
        ("title: Unlock a locked user account", "title:", 1, "title is missing"),
        ("platform: linux", "platform: beos", 4, "'beos' is not known here"),
        ("effect: change", "effect: maybe", 6, "'maybe' is not known here"),
        ("effect: change", "efect: change", 6, "unknown key 'efect'"),
        ("effect: change", "state: published", 6, "unknown key 'state'"),
        ("id: linux.user.unlock", "id: ../../etc", 2, "'../../etc' can't be an id"),
        ("secrets: {}", "secrets: {password: {}}", 8, "the secret password needs one origin"),
        ("secrets: {}", "secrets: {user: {generate: true}}", 18, "{{ user }} would put a secret"),
        ("type: user", "type: usr", 10, "'usr' is not known here"),
        ("[a-z_][", "(a-z_][", 10, "the pattern is no regular expression"),
        ("--user {{ user }}", "--user {{ usr }}", 18, "{{ usr }} is no declared parameter"),
        ("idempotent: yes", "idempotent: perhaps", 7, "'perhaps' is neither true nor false"),
    ],
)
def test_what_is_off_is_named_with_its_line(old: str, new: str, line: int, what: str) -> None:
    assert old in UNLOCK
    with pytest.raises(InvalidInstruction) as caught:
        parse(UNLOCK.replace(old, new, 1), origin="a.md")
    assert caught.value.what.startswith(f"a.md, line {line}: {what}")


words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1, max_size=20)
values = words.map(lambda text: text.replace("\0", ""))
one_line = values.map(lambda text: " ".join(text.split())).filter(bool)
instructions = st.builds(
    Instruction,
    id=st.just("a.b"),
    title=one_line,
    platform=st.sampled_from(Platform),
    effect=st.sampled_from([Effect.READ, Effect.CHANGE, Effect.DESTROY]),
    idempotent=st.booleans(),
    tags=st.lists(values, max_size=3).map(tuple),
    phrases=st.lists(values, max_size=3).map(tuple),
    parameters=st.just(())
    | st.builds(
        lambda description, default: (Parameter(name="x", description=description, default=default),),
        values,
        st.none() | values,
    ),
    blocks=st.just(())
    | values.filter(lambda text: "{{" not in text).map(lambda text: (Block(kind="run", language="bash", text=text),)),
    time_limit_seconds=st.none() | st.integers(1, 10**9 - 1),
    approval=st.sampled_from(["policy", "always"]),
    prose=st.just("") | st.just("Some *prose*.\n\n- a\n- b"),
)


@given(instructions)
def test_what_is_written_is_read_back(instruction: Instruction) -> None:
    assert parse(to_markdown(instruction), origin="a.md") == instruction
