from importlib.metadata import version

import pytest

from localaws.builds.errors import BuildFailed
from localaws.builds.managed_runtime import pinned_with_dependencies


def test_packages_are_pinned_with_exactly_their_dependencies() -> None:
    pins = pinned_with_dependencies(("awslambdaric", "boto3"))
    assert f"boto3=={version('boto3')}" in pins
    assert {pin.partition("==")[0] for pin in pins} == {
        "awslambdaric", "boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "simplejson", "six",
        "snapshot-restore-py", "urllib3",
    }  # fmt: skip


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(BuildFailed, match="there-is-no-such-package, which functions need, isn't installed"):
        pinned_with_dependencies(("there_is_no_such_package",))
