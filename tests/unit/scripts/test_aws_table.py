import pytest

from itops.scripts.aws_table import Parameter, service, service_names, table_bytes


def test_it_knows_all_services_and_operations():
    assert len(service_names()) > 400
    assert sum(len(service(name).lines) for name in service_names()) > 18_000
    assert len(table_bytes()) < 1_500_000
    assert service("ec3") is None
    assert service("ec2").operation("halt-instances") is None


def test_every_line_can_be_read():
    effects = set()
    for name in service_names():
        known = service(name)
        for line in known.lines:
            operation = known.operation(line)
            effects.add(operation.effect)
            assert operation.name == line
            assert bool(operation.secret) == (operation.effect == "s")
            assert 0 <= operation.places[0] <= operation.places[1]
    assert effects == set("rscdpu")


@pytest.mark.parametrize(
    ("name", "operation", "effect"),
    [
        ("ec2", "describe-instances", "r"),
        ("ec2", "terminate-instances", "d"),
        ("ec2", "stop-instances", "c"),
        ("ec2", "wait instance-running", "r"),
        ("iam", "attach-role-policy", "p"),
        ("lambda", "list-functions", "s"),
        ("secretsmanager", "get-secret-value", "s"),
        ("rds", "describe-db-instances", "r"),
        ("sts", "assume-role", "c"),
        ("kms", "schedule-key-deletion", "d"),
    ],
)
def test_effects(name, operation, effect):
    assert service(name).operation(operation).effect == effect


def test_parameters_have_the_names_of_the_command_line():
    stop = service("ec2").operation("stop-instances")
    assert stop.parameters["instance-ids"] == Parameter("instance-ids", "any", required=True)
    assert stop.parameters["force"].arity == stop.parameters["no-force"].arity == "none"
    copy, get = service("s3").operation("cp"), service("s3api").operation("get-object")
    assert (copy.places, copy.outfile) == ((2, 2), False)
    assert (get.places, get.outfile) == ((1, 1), True)
    assert service("s3").operation("ls").places == (0, 1)
    assert service("iam").worldwide
    assert not service("ec2").worldwide
