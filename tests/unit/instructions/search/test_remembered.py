from itops.instructions.search.remembered import Remembered


def test_what_is_remembered_is_not_worked_out_again() -> None:
    asked: list[str] = []
    memory: Remembered[str, int] = Remembered(2)

    def work(key: str) -> int:
        return memory.get(key, lambda: asked.append(key) or len(asked))

    assert (work("a"), work("a"), work("b")) == (1, 1, 2)
    assert asked == ["a", "b"]


def test_the_least_recently_used_is_forgotten_first() -> None:
    asked: list[str] = []
    memory: Remembered[str, None] = Remembered(2)
    for key in ("a", "b", "a", "c", "a", "b"):
        memory.get(key, lambda key=key: asked.append(key))
    assert asked == ["a", "b", "c", "b"]
