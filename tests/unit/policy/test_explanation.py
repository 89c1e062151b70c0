from datetime import UTC, datetime, timedelta

from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.verdict import Decision
from itops.policy.asked import Asked
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.bash_reader import read_bash

ENGINE = PolicyEngine(load_policy(), timedelta(minutes=5))
ASKED = Asked(person=Person(id="alice"), now=datetime(2026, 11, 22, tzinfo=UTC))
TEXT = "sudo systemctl stop nginx; cat < /etc/hosts | sort > /tmp/x; rsync -a $X /srv; rm -rf /etc"


def test_each_command_says_what_it_does_and_where_that_is_known_from():
    explained = ENGINE.explain(read_bash(TEXT), ASKED)
    assert (explained.decision, explained.effect) == (Decision.DENY, Effect.DESTROY)
    assert explained.policy_version == ENGINE.version
    stop, cat, sort, rsync, wipe = explained.commands
    assert (stop.wrappers, stop.known_from, stop.undo.reversible) == (("sudo",), "effects/systemd.yaml", True)
    assert (cat.reads, cat.effect, cat.dry_run) == (("/etc/hosts",), Effect.READ, "")
    assert (sort.fed_by, sort.writes) == (("cat",), ("/tmp/x",))
    assert (rsync.dynamic, rsync.names) == (True, ("/srv",))
    assert "--dry-run" in rsync.dry_run
    assert (wipe.rules, wipe.undo.reversible) == (("wipe.tree",), False)
    assert stop.rules == ()


def test_it_says_what_judging_says():
    for text in ("ls", "rm x", "rm -rf /", "if then", "aws s3 ls"):
        explained, judged = ENGINE.explain(read_bash(text), ASKED), ENGINE.judge_facts(read_bash(text), ASKED)
        assert (explained.decision, explained.effect, explained.reasons) == (
            judged.decision,
            judged.effect,
            judged.reasons,
        )
        assert explained.problems == judged.facts.problems


def test_rules_for_others_are_told_apart(tmp_path):
    (tmp_path / "rules.yaml").write_text(
        "version: 1\nrules:\n  - {id: org.prod, decision: ask, reason: x, when: {program: [uptime]},"
        " environments: [production], match: [uptime]}\n"
    )
    (tmp_path / "rules.yaml").chmod(0o644)
    tmp_path.chmod(0o755)
    engine = PolicyEngine(load_policy(tmp_path), timedelta(minutes=5))
    (piece,) = engine.explain(read_bash("uptime"), ASKED).commands
    assert (piece.rules, piece.idle) == ((), ("targets.protected", "org.prod"))
    (call,) = engine.explain(read_bash("aws s3 ls"), ASKED).commands
    assert call.known_from == "aws.yaml"
    (unknown,) = engine.explain(read_bash("frobnicate"), ASKED).commands
    assert unknown.known_from == ""
