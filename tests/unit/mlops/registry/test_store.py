"""The registry's address and the ordinary AWS variables make its store."""

import pytest
from obstore.store import MemoryStore, S3Store

from mlops.errors.base import SettingInvalid
from mlops.registry.store import open_store

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": "us-east-1"}


def open_s3(address: str = "s3://models", **environ: str) -> S3Store:
    store = open_store(address, {**KEYS, **environ})
    assert isinstance(store, S3Store)
    return store


def test_memory_is_a_new_empty_store_each_time() -> None:
    assert isinstance(open_store("memory://"), MemoryStore)
    assert open_store("memory://") is not open_store("memory://")


def test_a_bucket_may_have_a_prefix() -> None:
    assert (open_s3().config["bucket"], open_s3().prefix) == ("models", None)
    assert (open_s3("s3://models/team/a").config["bucket"], open_s3("s3://models/team/a").prefix) == (
        "models",
        "team/a",
    )


def test_an_empty_endpoint_counts_as_none() -> None:
    assert "endpoint" not in open_s3(AWS_ENDPOINT_URL="", AWS_ENDPOINT_URL_S3="").config


def test_the_endpoint_of_s3_comes_before_the_endpoint_of_all() -> None:
    both = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:2"}
    assert open_s3(AWS_ENDPOINT_URL="http://127.0.0.1:1").config["endpoint"] == "http://127.0.0.1:1"
    assert open_s3(**both).config["endpoint"] == "http://127.0.0.1:2"


@pytest.mark.parametrize("address", ["", "models", "file:///models", "https://models.s3.amazonaws.com"])
def test_another_address_is_refused_with_what_it_must_be(address: str) -> None:
    with pytest.raises(SettingInvalid, match="must start with s3:// or be memory://"):
        open_store(address)
