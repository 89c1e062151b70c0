"""The shipped Kubernetes instructions keep what the guide asks of an instruction."""

import importlib.util
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from itops.domain.instruction import Instruction

_spec = importlib.util.spec_from_file_location("library_checks", Path(__file__).with_name("library_checks.py"))
checks = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(checks)

LIBRARY = checks.load("kubernetes")
NOBODY = "https://127.0.0.1:9"

every_instruction = pytest.mark.parametrize("instruction", LIBRARY.values(), ids=lambda instruction: instruction.id)


@every_instruction
def test_the_cluster_can_be_named_and_need_not_be(instruction: Instruction) -> None:
    context = next(parameter for parameter in instruction.parameters if parameter.name == "context")
    assert context.default == ""
    for block in instruction.blocks:
        assert block.text.count("--context={{ context }}") == block.text.count("kubectl ")


@every_instruction
def test_kubectl_understands_every_call(instruction: Instruction, tmp_path: Path) -> None:
    """Where nobody answers, a call that is well written gets as far as the connection."""
    if not shutil.which("kubectl"):
        pytest.skip("kubectl is not installed")
    config = tmp_path / "config"
    content = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "nobody", "user": "nobody"}}],
        "clusters": [{"name": "nobody", "cluster": {"server": NOBODY}}],
        "users": [{"name": "nobody", "user": {"token": "none"}}],
    }
    config.write_text(json.dumps(content), encoding="utf-8")
    values = checks.examples(instruction) | {"context": ""}
    for block in instruction.blocks:
        done = subprocess.run(
            ["bash", "-c", checks.rendered(block, values)],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "KUBECONFIG": str(config)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "refused" in done.stderr, (block.kind, done.stdout, done.stderr)
        assert "unknown flag" not in done.stderr, (block.kind, done.stderr)
