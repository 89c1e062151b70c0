from itops.domain.task import TaskState


def test_a_task_that_works_or_waits_for_a_person_has_not_ended() -> None:
    going = {state for state in TaskState if not state.ended}
    assert going == {TaskState.RUNNING, TaskState.WAITING, TaskState.UNKNOWN}
