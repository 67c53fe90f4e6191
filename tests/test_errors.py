"""The tree of errors."""

import inspect

import pytest

from vibevariant import errors
from vibevariant.errors import (
    ExperimentGone,
    IllegalTransition,
    KeyTaken,
    Overloaded,
    StorageError,
    VibeVariantError,
)

ALL = [
    thing for thing in vars(errors).values() if inspect.isclass(thing) and issubclass(thing, VibeVariantError)
]


@pytest.mark.parametrize("kind", ALL)
def test_every_error_has_a_code_of_its_own_and_a_sentence(kind):
    assert [other for other in ALL if other.code == kind.code] == [kind]
    assert kind.code == kind.code.lower()
    assert kind.code.isidentifier()
    assert kind().message == " ".join(kind.__doc__.split())
    assert str(kind()).endswith(".")


@pytest.mark.parametrize("kind", ALL)
def test_every_error_is_drawn_in_the_tree(kind):
    assert kind.__name__ in errors.__doc__


def test_a_message_a_field_and_a_hint_can_be_given():
    error = KeyTaken("The key hero is taken.", field="key", hint="Try hero-2.")
    assert (str(error), error.field, error.hint) == ("The key hero is taken.", "key", "Try hero-2.")
    assert KeyTaken().hint == "Choose another key."


def test_an_illegal_step_says_which_are_legal():
    assert IllegalTransition(legal=("pause", "complete")).hint == "Possible now: pause, complete."
    assert IllegalTransition().hint == "No step is possible now."


def test_overload_says_when_to_come_back():
    assert (Overloaded(retry_after=3).retry_after, Overloaded(retry_after=3).hint) == (3, "Try again in 3 s.")


def test_a_deleted_experiment_is_no_fault_of_the_storage():
    """A group commit gives up as a whole on a fault of the storage; one deleted experiment must not do that."""
    assert not issubclass(ExperimentGone, StorageError)
