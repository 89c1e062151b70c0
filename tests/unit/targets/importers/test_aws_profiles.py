import pytest

from itops.errors import UsageError
from itops.targets.importers.aws_profiles import read_aws


def test_profiles_are_accounts_and_no_key_is_taken():
    found = read_aws(
        "[default]\nregion=eu-west-1\naws_secret_access_key=hunter2\n"
        "[profile dev admin]\nrole_arn=arn:aws:iam::111111111111:role/x\n[sso-session s]\n",
        "f",
    )
    assert (found.targets["default"].regions, found.targets["dev-admin"].account) == (("eu-west-1",), "111111111111")
    assert found.targets["dev-admin"].profile == "dev admin"
    assert "hunter2" not in str(found)
    assert {note.what for note in found.left} == {"aws_secret_access_key of default", "[sso-session s]"}


@pytest.mark.parametrize("text", ["x", "[a]\n[a]\n"])
def test_what_is_no_such_file(text):
    with pytest.raises(UsageError, match="Nothing was imported"):
        read_aws(text, "f")
