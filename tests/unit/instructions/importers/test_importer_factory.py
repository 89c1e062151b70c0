import pytest

from itops.errors import UsageError
from itops.instructions.importers.importer_factory import create_importer, formats

OURS = ("ansible", "docx", "jupyter", "markdown", "pdf", "rundeck", "skill", "ssm", "stackstorm", "tldr")


@pytest.mark.parametrize("name", OURS)
def test_every_format_has_its_importer(name: str) -> None:
    importer = create_importer(name)
    assert importer.name == name
    assert importer.suffixes
    assert all(suffix == suffix.lower() for suffix in importer.suffixes)


def test_an_unknown_format_is_told_what_there_is() -> None:
    assert set(OURS) <= set(formats())
    with pytest.raises(UsageError, match=r"There is no importer named 'markdwon'.*markdown"):
        create_importer("markdwon")
