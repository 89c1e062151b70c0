from itops.instructions.importers.chapters import SHORT, Procedure, procedures
from itops.instructions.importers.outline import outline


def read(text: str) -> list[Procedure]:
    return procedures(outline(text, origin="x"), text.split("\n"))


def command(text: str) -> str:
    return f"\n\n```bash\n{text}\n```\n\n"


def summary(text: str) -> list[tuple[str, dict[str, list[str]]]]:
    return [
        (" / ".join(one.path), {kind: [fence.text.strip() for fence in fences] for kind, fences in one.fences.items()})
        for one in read(text)
    ]


def test_a_document_of_one_procedure_stays_whole_under_the_heading_that_names_it() -> None:
    text = "# Web\n\nIntro.\n\n## Restart nginx" + command("a") + "## Contacts\n\nAnn"
    assert summary(text) == [("Web / Restart nginx", {"run": ["a"]})]
    assert read(text)[0].ranges == [(0, len(text.split("\n")))]


def test_generic_headings_do_not_name_it() -> None:
    text = "# Restart nginx\n\n## Prerequisites\n\nNone.\n\n## Steps" + command("a") + "## Verify" + command("b")
    text += "## Rollback" + command("c")
    assert summary(text) == [("Restart nginx", {"run": ["a"], "verify": ["b"], "rollback": ["c"]})]


def test_each_procedure_is_one_part_with_what_verifies_it() -> None:
    text = "# Web\n\n## Stop" + command("a") + "### Check" + command("b") + "## Start" + command("c")
    text += "## Verify" + command("d") + "## Undo" + command("e")
    assert summary(text) == [
        ("Web / Stop", {"run": ["a"], "verify": ["b"]}),
        ("Web / Start", {"run": ["c"], "verify": ["d"], "rollback": ["e"]}),
    ]


def test_a_title_that_only_begins_like_a_verification_is_a_procedure() -> None:
    text = "# Git\n\n## Make a branch" + command("a") + "## Revert a commit" + command("b")
    text += "## Check disk space" + command("c")
    assert [path for path, _ in summary(text)] == [
        "Git / Make a branch",
        "Git / Revert a commit",
        "Git / Check disk space",
    ]


def test_below_a_command_such_a_title_is_its_verification() -> None:
    text = "# Git" + command("a") + "## Revert the change" + command("b")
    assert summary(text) == [("Git", {"run": ["a"], "rollback": ["b"]})]


def test_a_verification_after_several_procedures_is_nobody_s() -> None:
    text = "# W\n\n## A\n\n### A1" + command("a") + "### A2" + command("b") + "## Verify" + command("c")
    assert ("W / Verify", {"verify": ["c"]}) not in summary(text)
    assert ("W / A / A2", {"run": ["b"]}) in summary(text)


def test_a_document_about_a_rollback_is_a_procedure() -> None:
    assert summary("# Rollback" + command("a")) == [("Rollback", {"run": ["a"]})]


def test_two_headings_alike_are_two_procedures() -> None:
    text = "# W\n\n## Restart" + command("a") + "## Restart\n\nSee above.\n\n## Stop" + command("b")
    assert [path for path, _ in summary(text)] == ["W / Restart", "W / Restart", "W / Stop"]


def test_headings_that_count_steps_are_one_procedure() -> None:
    text = "# Upgrade\n\n## Step 1: drain" + command("a") + "## Step 2: upgrade" + command("b")
    (one,) = read(text)
    assert one.path == ("Upgrade",)
    assert [fence.step for fence in one.fences["run"]] == [(0, 1), (0, 2)]


def test_a_short_introduction_goes_with_every_procedure() -> None:
    text = "# Web\n\nFor the shop.\n\n## Stop" + command("a") + "## Start" + command("b")
    assert [one.context for one in read(text)] == [((1, 4),), ((1, 4),)]


def test_a_long_introduction_is_a_part_of_its_own() -> None:
    text = "# Web\n\n" + "word " * 200 + "\n\n## Stop" + command("a") + "## Start" + command("b")
    assert [one.path for one in read(text)] == [("Web",), ("Web", "Stop"), ("Web", "Start")]


def test_long_prose_is_parted_at_its_headings() -> None:
    long = "word\n" * SHORT
    assert [one.path for one in read(f"# A\n\n## B\n\n{long}\n## C\n\n{long}")] == [("A", "B"), ("A", "C")]
    assert [one.path for one in read("# A\n\n## B\n\nb\n\n## C\n\nc")] == [()]


def test_our_own_words_name_the_kind() -> None:
    text = "```bash run\na\n```\n```bash verify\nb\n```\n"
    assert summary(text) == [("", {"run": ["a"], "verify": ["b"]})]


def test_nothing_is_no_part() -> None:
    assert read("\n\n") == []
