import itertools

import pytest
import yaml

from itops.instructions.importers import aws_lines
from itops.instructions.importers.aws_lines import kebab


@pytest.fixture(scope="module")
def botocore_session():
    return pytest.importorskip("botocore.session", reason="the AWS models are not installed").get_session()


@pytest.mark.parametrize("service", ["ec2", "rds", "iam", "s3", "eks", "elbv2", "cloudformation", "dynamodb"])
def test_names_are_spelled_as_the_aws_cli_does(botocore_session, service):
    from botocore import xform_name

    model = botocore_session.get_service_model(service)
    for operation in map(model.operation_model, model.operation_names):
        members = operation.input_shape.members if operation.input_shape else ()
        for name in (operation.name, *members):
            assert kebab(name) == xform_name(name, "-"), name


def test_every_wait_of_the_table_exists(botocore_session):
    table = aws_lines._table()
    waits = {(each["service"], each["wait"]) for each in table["waiters"]}
    lines = [entry[key].split() for entry, key in itertools.product(table["actions"], ("run", "wait")) if key in entry]
    waits |= {(words[0], words[2]) for words in lines if words[1] == "wait"}
    for service, wait in waits:
        names = {kebab(name) for name in botocore_session.get_waiter_model(service).waiter_names}
        assert wait in names, (service, wait)
    for words in lines:
        if words[1] != "wait":
            names = {kebab(name) for name in botocore_session.get_service_model(words[0]).operation_names}
            assert words[1] in names


def test_the_wait_looks_at_the_property_of_the_document(botocore_session):
    """The state that ends a wait well is the value that the document waits for."""
    for each in aws_lines._table()["waiters"]:
        model = botocore_session.get_waiter_model(each["service"])
        waiter = next(model.get_waiter(name) for name in model.waiter_names if kebab(name) == each["wait"])
        if each["value"] not in {acceptor.expected for acceptor in waiter.acceptors if acceptor.state == "success"}:
            # A few waits end well when the resource is gone, or can be described at all.
            assert each["wait"] in {"volume-deleted", "nat-gateway-deleted", "stack-update-complete"}, each


def test_the_table_is_text_alone():
    assert yaml.safe_dump(aws_lines._table())
