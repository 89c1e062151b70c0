import pytest

from itops.agents.vocabulary import verb_base, verb_form, verb_kind, vocabulary


@pytest.mark.parametrize(
    ("word", "base", "form", "kind"),
    [
        ("Delete", "delete", "base", "change"),
        ("deletes", "delete", "third", "change"),
        ("applies", "apply", "third", "change"),
        ("searches", "search", "third", "look"),
        ("removing", "remove", "gerund", "change"),
        ("stopping", "stop", "gerund", "change"),
        ("resetting", "reset", "gerund", "change"),
        ("freeing", "", "", ""),
        ("posts", "post", "third", "tell"),
        ("nginx", "", "", ""),
        ("", "", "", ""),
    ],
)
def test_verbs_are_known_in_their_forms(word: str, base: str, form: str, kind: str) -> None:
    assert (verb_base(word), verb_form(word), verb_kind(word)) == (base, form, kind)


def test_a_verb_is_of_one_kind() -> None:
    words = vocabulary()
    assert not words.looks & words.changes
    assert not words.looks & words.tells
    assert not words.tells & words.changes
    assert words.makes | words.nouns_too <= words.looks | words.tells | words.changes
