"""How a target is reached, in one word."""

import pytest
from pydantic import ValidationError

from itops.domain.connection import Connection


def test_an_address_names_all_that_decides_where_a_command_ends_up() -> None:
    bastion = Connection(host="gate", user="ops")
    assert Connection(host="web-1").address == "web-1"
    assert Connection(host="web-1", user="ann", port=2222, via=(bastion,)).address == "ann@web-1:2222 via ops@gate"
    assert Connection(options={"region": "eu-west-1", "account": "1"}).address == "account=1 region=eu-west-1"


def test_no_port_is_out_of_range() -> None:
    with pytest.raises(ValidationError):
        Connection(host="web-1", port=65536)
