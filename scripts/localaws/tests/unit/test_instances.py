"""moto's models end with the last reference to them."""

import gc
import warnings
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from moto.s3.models import FakeKey
from moto.sqs.models import Message

from localaws.instances import forget_instances
from localaws.moto_patches import MotoPatches


@pytest.fixture
def _forgetful() -> Iterator[None]:
    patches = MotoPatches()
    forget_instances(patches)
    yield
    patches.restore()


@pytest.mark.usefixtures("_forgetful")
def test_a_message_that_nothing_refers_to_is_gone() -> None:
    message = Message("id", "body")
    alive = weakref.ref(message)
    del message
    gc.collect()
    assert alive() is None


@pytest.mark.usefixtures("_forgetful")
def test_an_object_that_nothing_refers_to_closes_its_content_silently() -> None:
    key = FakeKey("k", b"content", account_id="123456789012", region_name="us-east-1")
    alive, buffer = weakref.ref(key), key._value_buffer
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        del key
        gc.collect()
    assert alive() is None
    assert buffer.closed


def test_moto_has_its_list_again_afterwards() -> None:
    patches = MotoPatches()
    forget_instances(patches)
    patches.restore()
    model: Any = Message
    before = len(model.instances_tracked)
    message = Message("id", "body")
    assert model.instances_tracked[before:] == [message]
    model.instances_tracked.remove(message)
