import pytest

from itops.domain.effect import Effect
from itops.domain.instruction import Block, Instruction, InstructionState, Parameter, SecretSpec
from itops.domain.target import Platform

RUN = Block(kind="run", language="bash", text="passwd --unlock {{ user }}")
INSTRUCTION = Instruction(id="linux.user.unlock", title="Unlock", platform=Platform.LINUX, blocks=(RUN,))


def test_publishing_keeps_the_version() -> None:
    versions = {INSTRUCTION.model_copy(update={"state": state}).version for state in InstructionState}
    assert versions == {INSTRUCTION.version}


@pytest.mark.parametrize(
    "change",
    [
        {"id": "other"},
        {"title": "Other"},
        {"platform": Platform.ANY},
        {"effect": Effect.DESTROY},
        {"idempotent": True},
        {"tags": ("identity",)},
        {"phrases": ("unlock",)},
        {"parameters": (Parameter(name="user"),)},
        {"secrets": (SecretSpec(name="password"),)},
        {"prose": "First look."},
        {"blocks": ()},
        {"blocks": (RUN.model_copy(update={"text": RUN.text + " "}),)},
        {"time_limit_seconds": 5},
        {"approval": "always"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_any_other_change_is_a_new_version(change: dict[str, object]) -> None:
    changed = INSTRUCTION.model_copy(update=change)
    assert changed.version != INSTRUCTION.version
    assert changed.ref.version == changed.version


def test_every_field_but_the_state_is_covered_above() -> None:
    covered = {"id", "title", "platform", "effect", "idempotent", "tags", "phrases", "parameters", "secrets"}
    assert set(Instruction.model_fields) == covered | {"prose", "blocks", "time_limit_seconds", "approval", "state"}


def test_the_reference_names_this_very_version() -> None:
    assert (INSTRUCTION.ref.id, INSTRUCTION.ref.version) == (INSTRUCTION.id, INSTRUCTION.version)
    assert Instruction.model_validate_json(INSTRUCTION.model_dump_json()).ref == INSTRUCTION.ref


def test_a_block_is_found_by_its_kind() -> None:
    verify = Block(kind="verify", language="bash", text="passwd --status")
    both = INSTRUCTION.model_copy(update={"blocks": (verify, RUN)})
    assert both.block("run") == RUN
    assert both.block("verify") == verify
    assert both.block("rollback") is None


def test_an_instruction_that_leaves_approval_to_policy_keeps_the_version_it_always_had() -> None:
    bare = Instruction(id="x", title="X", platform=Platform.LINUX)
    assert bare.version == "da0c1e53225476b06444dc381184dd357899741d096dea59ff2540aa209af3fa"
