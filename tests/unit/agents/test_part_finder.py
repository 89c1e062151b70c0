import pytest

from itops.agents.part_finder import FilledPart, Part, cover, fill_parts, find_parts, not_covered
from itops.domain.effect import Effect
from itops.domain.instruction import Instruction, Parameter, RankedInstruction
from itops.errors import UsageError
from itops.testing.agent_requests import exchange, instruction

USER = Parameter(name="user", type="user")
RESET = instruction("user.reset", "Reset the password", "x {{ user }}", parameters=(USER,))
UNLOCK = instruction("user.unlock", "Unlock the account", "y {{ user }}", parameters=(USER,))
UPTIME = instruction("uptime", "Show uptime", "uptime")
MEMORY = instruction("memory", "Show memory", "free")
RESTART = instruction(
    "service.restart", "Restart a service", "r {{ service }}", parameters=(Parameter(name="service", type="service"),)
)
LOGS = instruction(
    "service.logs",
    "Show logs",
    "l",
    parameters=(Parameter(name="service", type="service"), Parameter(name="count", type="count", default="50")),
)
COUNT = instruction("top", "Show processes", "t", parameters=(Parameter(name="count", type="count", default="10"),))


class Library:
    """Finds by the words it is told of; the longest that stands in the request counts most."""

    def __init__(self, **scores: float) -> None:
        self.by_words = {
            "password": RESET,
            "unlock": UNLOCK,
            "uptime": UPTIME,
            "memory": MEMORY,
            "restart": RESTART,
            "logs": LOGS,
            "processes": COUNT,
        }
        self.scores = scores

    async def __call__(self, words: str) -> list[RankedInstruction]:
        found = [
            RankedInstruction(instruction=one, score=self.scores.get(word, 0.8))
            for word, one in self.by_words.items()
            if word in words
        ]
        unsure = RankedInstruction(instruction=UPTIME, score=0.1, confident=False)
        return sorted(found, key=lambda one: -one.score) or [unsure]


async def parts_of(words: str, library: Library | None = None) -> list[tuple[str, str]]:
    library = library or Library()
    parts = await find_parts(words, tuple(await library(words)), library)
    return [(part.words, part.instruction_id) for part in parts]


async def filled(words: str, *answers: str) -> list[FilledPart]:
    library = Library()
    parts = await find_parts(words, tuple(await library(words)), library)
    exchanges = tuple(exchange("?", answer, parameter="user") for answer in answers)
    return fill_parts(words, parts, exchanges)


async def test_each_part_finds_its_own() -> None:
    assert await parts_of("Reset password and unlock account for user alice") == [
        ("Reset password", "user.reset"),
        ("unlock account for user alice", "user.unlock"),
    ]


async def test_a_list_of_things_is_split_where_each_finds_its_own() -> None:
    found = await parts_of("show uptime and free memory")
    assert [one for _, one in found] == ["uptime", "memory"]


async def test_one_instruction_for_several_values_is_asked_for_each() -> None:
    assert await parts_of("restart nginx and apache2") == [
        ("restart service nginx", "service.restart"),
        ("restart service apache2", "service.restart"),
    ]


async def test_parts_that_ask_for_the_same_are_one() -> None:
    assert await parts_of("reset the password of bob and set his password") == [
        ("reset the password of bob and set his password", "user.reset")
    ]


async def test_the_whole_stays_whole_where_it_finds_one_much_better() -> None:
    both = instruction("overview", "Show uptime and memory", "x")

    class Overview(Library):
        async def __call__(self, words: str) -> list[RankedInstruction]:
            whole = [RankedInstruction(instruction=both, score=1.0)] if "uptime and" in words else []
            return [*whole, *await super().__call__(words)]

    assert await parts_of("show uptime and memory", Overview()) == [("show uptime and memory", "overview")]


async def test_a_part_that_nothing_covers_is_not_passed_over() -> None:
    library = Library()
    words = "restart nginx and build a house"
    parts = await find_parts(words, tuple(await library(words)), library)
    missed = not_covered(parts)
    assert missed
    assert missed.words == "build a house"
    assert [nearest.id for nearest in missed.nearest] == ["uptime"]


async def test_what_only_tells_something_needs_no_instruction() -> None:
    words = "new starter on Monday, please unlock user bob"
    assert await parts_of(words) == [(words, "user.unlock")]
    assert await parts_of("new starter on Monday, unlock bob, show uptime") == [
        ("unlock bob", "user.unlock"),
        ("show uptime", "uptime"),
    ]


async def test_a_request_for_too_many_things_is_refused() -> None:
    with pytest.raises(UsageError, match="30 things"):
        await parts_of("; ".join(f"restart web{n}" for n in range(30)))


async def test_words_with_a_name_are_covered_as_words_in_general() -> None:
    async def find(words: str) -> list[RankedInstruction]:
        sure = words == "restart service"
        return [RankedInstruction(instruction=RESTART, score=0.9 if sure else 0.3, confident=sure)]

    covered = await cover("restart nginx", await find("restart nginx"), find)
    assert covered.instruction_id == "service.restart"
    assert (await cover("restart my career", await find("x"), find)).best is None


async def test_an_instruction_that_takes_the_value_goes_before_one_that_wants_another() -> None:
    async def find(words: str) -> list[RankedInstruction]:
        return [RankedInstruction(instruction=one, score=0.6 - n / 20) for n, one in enumerate((RESET, RESTART))]

    covered = await cover("the nginx service hangs", await find(""), find)
    assert covered.instruction_id == "service.restart"


async def test_a_value_of_one_part_serves_its_neighbours() -> None:
    parts = await filled("Reset password and unlock account for user alice")
    assert [part.filled.values for part in parts] == [{"user": "alice"}, {"user": "alice"}]


async def test_a_value_said_before_serves_after() -> None:
    parts = await filled("restart nginx and show the logs")
    assert [part.filled.values for part in parts] == [{"service": "nginx"}, {"service": "nginx"}]


def whole(one: Instruction) -> Part:
    return Part(one.title, (RankedInstruction(instruction=one, score=0.9),))


def of_path(title: str, *names: str, effect: Effect = Effect.CHANGE) -> Instruction:
    parameters = tuple(Parameter(name=name, type="path") for name in names)
    return instruction(title, title, "x", effect=effect, parameters=parameters)


def test_a_value_of_another_name_serves_where_each_has_one_of_its_type() -> None:
    parts = [whole(of_path("create /srv/x", "folder")), whole(of_path("change its owner", "path"))]
    assert fill_parts("create /srv/x, change its owner", parts, ())[1].filled.values == {"path": "/srv/x"}
    two = [whole(of_path("create /srv/x", "folder")), whole(of_path("copy it", "source", "target"))]
    assert fill_parts("", two, ())[1].filled.values == {}


def test_nothing_is_destroyed_that_was_said_of_something_else() -> None:
    parts = [whole(of_path("show usage of /var", "path")), whole(of_path("wipe it", "path", effect=Effect.DESTROY))]
    filled = fill_parts("show usage of /var and wipe it", parts, ())[1].filled
    assert filled.values == {}
    assert [one.name for one in filled.missing] == ["path"]


async def test_a_parameter_with_a_default_takes_nothing_from_neighbours() -> None:
    parts = await filled("show last 20 logs of service nginx and show processes")
    assert parts[1].filled.values == {}


async def test_an_answer_serves_every_part() -> None:
    parts = await filled("Reset password and unlock account", "alice")
    assert [part.filled.values for part in parts] == [{"user": "alice"}, {"user": "alice"}]


async def test_what_nobody_said_is_missing() -> None:
    parts = await filled("Reset password and unlock account")
    assert [[one.name for one in part.filled.missing] for part in parts] == [["user"], ["user"]]
