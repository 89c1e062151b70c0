import copy
import json
import logging
import pickle

import pytest

from itops.domain.secret import MASK, Secret

VALUE = "correct horse"


def test_only_reveal_gives_the_value() -> None:
    assert Secret(VALUE).reveal() == VALUE


@pytest.mark.parametrize("show", [str, repr, "{}".format, "{!r}".format, lambda secret: f"{[secret]} {secret:}"])
def test_printing_shows_the_mask(show: object) -> None:
    shown = show(Secret(VALUE))
    assert VALUE not in shown
    assert MASK in shown


def test_logging_shows_the_mask(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("t").warning("the value is %s", Secret(VALUE))
    assert VALUE not in caplog.text


@pytest.mark.parametrize("store", [pickle.dumps, json.dumps, copy.copy, copy.deepcopy])
def test_it_is_neither_stored_nor_copied(store: object) -> None:
    with pytest.raises(TypeError):
        store(Secret(VALUE))


def test_it_has_no_dictionary_to_look_into() -> None:
    with pytest.raises(TypeError):
        vars(Secret(VALUE))


def test_it_equals_a_secret_of_the_same_value_and_never_a_string() -> None:
    assert Secret(VALUE) == Secret(VALUE)
    assert len({Secret(VALUE), Secret(VALUE)}) == 1
    assert Secret(VALUE) != Secret("other")
    assert Secret(VALUE) != VALUE
