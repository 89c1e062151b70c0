from itops.domain.outcome import Step, Usage
from itops.domain.result import Result, ResultState
from itops.domain.script import Script
from itops.domain.target import Platform, Target

SCRIPT = Script(language="bash", text="df", targets=(Target(name="here", platform=Platform.LINUX),))


def step(*states: ResultState) -> Step:
    results = tuple(Result(target=str(place), state=state, attempt="a") for place, state in enumerate(states))
    return Step(script=SCRIPT, results=results)


def test_usage_adds_up() -> None:
    one, other = (
        Usage(llm_calls=1, input_tokens=20, output_tokens=300),
        Usage(llm_calls=4, input_tokens=50, output_tokens=6),
    )
    assert one + other == Usage(llm_calls=5, input_tokens=70, output_tokens=306)
    assert one + Usage() == one


def test_a_step_succeeded_where_it_ran_and_succeeded_everywhere() -> None:
    assert step(ResultState.SUCCEEDED, ResultState.SUCCEEDED).succeeded
    assert not step().succeeded
    for state in set(ResultState) - {ResultState.SUCCEEDED}:
        assert not step(ResultState.SUCCEEDED, state).succeeded
