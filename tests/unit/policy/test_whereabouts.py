import pytest

from itops.domain.script import Facts
from itops.policy.example import command_of
from itops.policy.whereabouts import folders_of, readings_of


@pytest.mark.parametrize(
    ("texts", "folders"),
    [
        (["ls"], ()),
        (["cd /etc", "ls", "pushd -n /x"], ("/etc", "/x")),
        (["cd"], ("~",)),
        (["cd -"], ("$OLDPWD",)),
        (["cd -P /a", "cd /a"], ("/a",)),
        (["cd $x"], ("$x",)),
        (["cd /a", "cd b"], ("/a", "b", "/a/b")),
        (["cd /a", "cd b", "cd .."], ("/a", "b", "/a/b", "..", "/", ".")),
        (["cd $x", "cd b"], ("$x", "b", "$x/b")),
    ],
)
def test_the_directories_a_script_changes_to(texts, folders):
    assert folders_of(Facts(commands=tuple(map(command_of, texts)))) == folders


def test_where_too_many_moves_lead_only_run_time_knows():
    folders = folders_of(Facts(commands=tuple(command_of(f"cd {name}") for name in "abcdefgh")))
    assert len(folders) == 33
    assert folders[-1] == "$PWD"


def test_a_command_is_read_as_it_stands_and_from_each_directory():
    plain, there = readings_of(command_of("cat -n a ../b /c ~/d +1 '<(x)' < e > f"), ("/x/y",))
    assert plain.argv == ("cat", "-n", "a", "../b", "/c", "~/d", "+1", "<(x)")
    assert there.argv == ("cat", "-n", "/x/y/a", "/x/b", "/c", "~/d", "+1", "<(x)")
    assert (there.reads, there.writes, there.dynamic) == (("/x/y/e",), ("/x/y/f",), False)


def test_of_a_call_of_aws_only_files_are_read_from_each_directory():
    there = readings_of(command_of("aws s3api x --a b/c --d file://e --f=fileb:///g"), ("/x",))[1]
    assert there.argv == ("aws", "s3api", "x", "--a", "b/c", "--d", "file:///x/e", "--f=fileb:///g")


def test_from_a_directory_that_only_run_time_knows_paths_are_dynamic():
    assert readings_of(command_of("cat a"), ("$x",))[1].dynamic
    assert not readings_of(command_of("cat /a"), ("$x",))[1].dynamic


def test_a_change_of_directory_is_itself_read_as_it_stands():
    assert len(readings_of(command_of("cd a"), ("/x",))) == 1
