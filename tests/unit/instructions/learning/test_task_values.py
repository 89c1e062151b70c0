import pytest

from itops.domain.instruction import Parameter
from itops.instructions.learning.script_words import script_words
from itops.instructions.learning.task_values import nouns_of, recognise


def found(request: str, script: str, known: dict | None = None) -> dict[str, tuple[str, str]]:
    values = recognise(request, script_words(script), known or {})
    return {value.parameter.name: (value.text, value.parameter.type) for value in values}


@pytest.mark.parametrize(
    ("request_words", "script", "expected"),
    [
        ("lock bob.", "usermod -L bob", {"user": ("bob", "user")}),
        ("lock 'bob'", "usermod -L bob", {"user": ("bob", "user")}),
        ("lock bob", "usermod -L alice", {}),
        ("larger than 500 MB", "find . -size +500M", {"size": ("500M", "size")}),
        ("larger than 2GB", "find . -size +2G", {"size": ("2G", "size")}),
        ("older than 30 days", "find . -mtime +30", {"days": ("30", "count")}),
        ("of the last 2 hours", "journalctl --since=-2h", {"duration": ("2h", "duration")}),
        ("the mode 640 on /x", "chmod 640 /x", {"mode": ("640", "mode"), "path": ("/x", "path")}),
        ("top 5", "head -n 5", {"count": ("5", "count")}),
        ("stop it all now", "stop it all now", {}),
        ("user deploy", "useradd deploy", {"user": ("deploy", "user")}),
        ("copy a.txt", "cp a.txt /srv", {"path": ("a.txt", "path")}),
        ("tell ann@example.com", "mail ann@example.com", {"email": ("ann@example.com", "email")}),
        ("run job-7", "trigger job-7", {"name": ("job-7", "name")}),
        ("run backup", "trigger backup", {}),
        ("say 'a  b'", "echo 'a  b'", {"text": ("a  b", "text")}),
        ("look in ~/x", "ls ~/x", {}),
        ("move /a to /b", "mv /a /b", {"path": ("/a", "path"), "path_2": ("/b", "path")}),
        ("/srv/a/", "ls /srv/a", {"path": ("/srv/a", "path")}),
    ],
)
def test_what_is_a_value(request_words, script, expected):
    assert found(request_words, script) == expected


def test_what_a_script_was_written_with_keeps_its_parameter():
    login = Parameter(name="login", type="user", pattern="[a-z]+", description="Who")
    assert found("lock bob", "usermod -L bob", {"bob": login}) == {"login": ("bob", "user")}
    assert found("lock him", "usermod -L bob", {"bob": login}) == {"login": ("bob", "user")}
    assert found("lock him", "usermod -L alice", {"bob": login}) == {}
    strict = login.model_copy(update={"pattern": "[0-9]+"})
    assert found("lock bob", "usermod -L bob", {"bob": strict}) == {}


def test_a_parameter_is_described_and_says_how_its_value_was_said():
    words = script_words("docker stop web1 && useradd bob")
    container, user = (one.parameter for one in recognise("stop container web1 for the bob", words, {}))
    assert (container.name, container.description) == ("container", "Name of the container")
    assert (container.example, container.phrases) == ("web1", ("container {}",))
    assert (user.description, user.phrases) == ("Login name", ())


def test_a_request_of_any_length_is_read_in_time():
    request = " ".join(f"word{number}" for number in range(3_000))
    script = "\n".join(f"useradd user{number}" for number in range(500))
    assert found(request, script) == {}


def test_a_type_is_named_by_its_nouns_and_itself():
    assert {"user", "account", "login"} <= nouns_of("user")
    assert nouns_of("email") == {"email"}
