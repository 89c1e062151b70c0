import pytest

from itops.policy.example import command_of
from itops.policy.policy_file import load_policy

SECRETS = load_policy().table.secrets


@pytest.mark.parametrize(
    "path",
    [
        "/etc/shadow",
        "/etc//shadow",
        "/etc/x/../shadow",
        "shadow",
        "/etc/shad*",
        "/etc/[s]hadow",
        "/etc/[^a]hadow",
        "~/.ssh/*",
        "/proc/self/environ",
        "/proc/1/root/etc/passwd",
        "/root/.aws/credentials",
        "/dev/sda",
        ".env",
        "/x/id_ed25519",
        "'/etc/shadow'",
        "/home/*/.bash_history",
        "/run/secrets/db",
        "~/.ssh",
        "/etc/ssl/private/x",
        "/srv/*id_rsa",
        "./*shadow",
        "~/.s*/i*",
        "/home/$USER/.s*/i*",
        "${HOME}/.s*/i*",
        "C:\\Users\\bob\\.s*\\i*",
    ],
)
def test_files_that_hold_secrets(path):
    assert SECRETS.is_secret(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "/var/log/*.log",
        "*.log",
        "*",
        "/etc/*.conf",
        "~/.ssh/known_hosts",
        "~/.ssh/config",
        "a.pub",
        "/proc/cpuinfo",
        "/dev/null",
        "/etc/nginx/*",
        "/var/log/auth.log",
        "monkey",
        "shadow.log.txt",
    ],
)
def test_files_that_do_not(path):
    assert not SECRETS.is_secret(path)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("cat a /etc/shadow", "/etc/shadow"),
        ("x --file=/etc/shadow", "--file=/etc/shadow"),
        ("x @/etc/shadow", "@/etc/shadow"),
        ("cat < /etc/shadow", "/etc/shadow"),
        ("cat a b", ""),
        ("/etc/shadow", ""),
    ],
)
def test_the_first_secret_of_a_command(text, secret):
    assert SECRETS.found_in(command_of(text), metadata=False) == secret


def test_names_and_sizes_are_no_secret_but_contents_fed_in_are():
    assert SECRETS.found_in(command_of("ls /etc/shadow"), metadata=True) == ""
    assert SECRETS.found_in(command_of("ls x < /etc/shadow"), metadata=True) == "/etc/shadow"


@pytest.mark.parametrize(("word", "secret"), [("$DB_PASSWORD", True), ("x${API_TOKEN}y", True), ("$PATH", False)])
def test_a_variable_may_hold_a_secret(word, secret):
    dynamic = command_of(f"echo {word}").model_copy(update={"dynamic": True})
    assert bool(SECRETS.found_in(dynamic, metadata=True)) is secret
    assert SECRETS.found_in(command_of(f"echo '{word}'"), metadata=True) == ""
