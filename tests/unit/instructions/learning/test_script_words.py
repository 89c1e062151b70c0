import pytest

from itops.instructions.learning.script_words import AMOUNTS, ScriptWord, script_words, value_words
from itops.scripts.parameters import TYPES
from itops.scripts.shfmt import Unparsable


def kinds(text: str) -> dict[str, str]:
    return {word.text: word.kind for word in script_words(text) if word.kind}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sudo -u bob useradd -m --shell=/bin/zsh alice", {"--shell=/bin/zsh": "path", "alice": "user"}),
        ("systemctl restart -- nginx", {"nginx": "service"}),
        ("/usr/bin/systemctl --quiet stop cron", {"cron": "service"}),
        ("chown bob:staff /srv /opt", {"bob:staff": "user:group", "/srv": "path", "/opt": "path"}),
        ("usermod -aG docker bob", {"docker": "group", "bob": "user"}),
        ("find /var -mtime +7", {"/var": "path", "+7": "count"}),
        ("kubectl -n shop rollout restart deployment web", {"shop": "name", "web": "name"}),
        ("ssh web1 uptime", {"web1": "host"}),
        ("createdb --owner=bob x", {"--owner=bob": "user"}),
        ("createdb --owner bob x", {"bob": "user"}),
        ("true", {}),
        ("if id alice; then echo $(groups alice); fi", {"alice": "user"}),
    ],
)
def test_the_place_of_a_word_says_its_type(text, expected):
    assert kinds(text) == expected


def test_words_are_literal_and_know_where_they_stand():
    text = 'echo "ä b" $x "$y" *.log {a,b} > /tmp/o'
    found = {word.text: text.encode()[word.start : word.end].decode() for word in script_words(text)}
    assert found == {"echo": "echo", "ä b": '"ä b"', "/tmp/o": "/tmp/o"}
    assert [word.text for word in script_words("cat <<X\nalice\nX")] == ["cat", "X"]


def test_what_is_no_bash_is_refused():
    with pytest.raises(Unparsable):
        script_words("if true")


@pytest.mark.parametrize(
    ("word", "value", "kind", "parts"),
    [
        ("alice", "alice", "user", ["alice"]),
        ("malice", "alice", "user", []),
        ("bob:staff", "staff", "group", ["staff"]),
        ("/home/alice/.ssh", "alice", "user", ["alice"]),
        ("/etc/nginx/nginx.conf", "nginx", "service", []),
        ("--unit=nginx", "nginx", "service", ["nginx"]),
        ("nginx.service", "nginx", "service", ["nginx"]),
        ("/srv/a/b", "/srv/a", "path", ["/srv/a"]),
        ("/srv/ab", "/srv/a", "path", []),
        ("/x/srv/a", "/srv/a", "path", []),
        ("+7", "7", "count", ["7"]),
        ("-n20", "20", "count", ["20"]),
        ("--lines=20", "20", "count", ["20"]),
        ("8080/tcp", "8080", "port", ["8080"]),
        ("web1:8080", "8080", "port", ["8080"]),
        ("10.0.0.7", "7", "count", []),
        ("~/x", "~/x", "path", []),
    ],
)
def test_where_a_value_stands_in_a_word(word, value, kind, parts):
    found = [word[start:end] for start, end in ScriptWord(word, 0, len(word)).spots(value, kind)]
    assert found == parts


def test_a_quoted_word_is_taken_whole_or_not_at_all():
    word = ScriptWord("old files", 0, 11, plain=False)
    assert list(word.spots("old files", "text")) == [(0, 9)]
    assert list(word.spots("old", "text")) == []


def test_the_tables_name_types_that_there_are():
    table = value_words()
    options = [kind for program in table["programs"].values() for name, kind in program.items() if name != "keywords"]
    named = {kind for kinds in options for kind in kinds.replace(":", " ").split()} - {"-"}
    assert named <= set(TYPES)
    assert set(table["nouns"]) | set(table["descriptions"]) | AMOUNTS <= set(TYPES)
