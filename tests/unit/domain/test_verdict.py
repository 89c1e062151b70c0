from itops.domain.verdict import Decision


def test_a_denial_is_stricter_than_a_question_and_a_question_than_leave() -> None:
    assert max(Decision, key=lambda decision: decision.strictness) is Decision.DENY
    assert [decision.strictness for decision in (Decision.ALLOW, Decision.ASK, Decision.DENY)] == [0, 1, 2]
