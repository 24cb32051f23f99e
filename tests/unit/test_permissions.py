"""Each statement of template.yaml's policies is needed by a call on record, and each call on record is allowed.

The calls are those of the loop with permissions enforced (tests/permissions/calls.json). So a statement that is taken
away is missed here, by name, without a stack; and one that nothing needs isn't kept.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.loops import ROOT
from tests.permissions.decision import complaints
from tests.permissions.record import DOCUMENTED, calls
from tests.permissions.template import Place, Template

TEMPLATE = Template(ROOT / "template.yaml")
PLACES = [*TEMPLATE.places()]
BUCKETS = [TEMPLATE.arn(name) for name, each in TEMPLATE.resources.items() if each["Type"] == "AWS::S3::Bucket"]


def test_the_policies_allow_each_call_on_record_and_refuse_plain_http() -> None:
    found = [*complaints(PLACES, calls(), BUCKETS)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name)
def test_a_statement_that_is_taken_away_is_missed_by_name(place: Place) -> None:
    rest = [each for each in PLACES if each != place]
    assert any(place.name in line for line in complaints(rest, calls(), BUCKETS)), (
        f"nothing on record needs {place.name}"
    )


def test_each_statement_of_the_template_is_read() -> None:
    functions = [each for each in TEMPLATE.resources.values() if each["Type"] == "AWS::Serverless::Function"]
    written = sum(len(policy["Statement"]) for each in functions for policy in each["Properties"]["Policies"])
    assert sum(TEMPLATE.resources[place.holder]["Type"] == "AWS::Serverless::Function" for place in PLACES) == written
    # The type of a resource with a policy that isn't read here.
    kinds = {each["Type"] for each in TEMPLATE.resources.values() if "PolicyDocument" in each.get("Properties", {})}
    assert kinds == {TEMPLATE.resources[place.holder]["Type"] for place in PLACES} & kinds
    assert len({place.name for place in PLACES}) == len(PLACES)


def test_the_record_names_statements_of_the_template() -> None:
    known = {place.name for place in PLACES}
    assert {name for call in calls() for name in call.statements} <= known


def test_the_record_names_tests_that_exist() -> None:
    for seen_in in {call.seen_in for call in calls()} - {DOCUMENTED}:
        file, _, name = seen_in.partition("::")
        assert f"def {name}(" in (ROOT / file).read_text(), f"{seen_in} is no test: record anew"


TESTS_WITH_A_LOOK_AFTERWARDS = """
from collections.abc import Iterator

import pytest

from tests.permissions.outcome import has_passed


@pytest.fixture
def look(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    print(f"{request.node.name}: {has_passed(request.node)}")


@pytest.fixture
def broken(look: None) -> None:
    raise RuntimeError


@pytest.mark.usefixtures("look")
def test_that_passes() -> None:
    pass


@pytest.mark.usefixtures("look")
def test_that_fails() -> None:
    raise RuntimeError


@pytest.mark.usefixtures("broken")
def test_that_never_begins() -> None:
    pass
"""


def test_only_what_a_test_that_passed_has_done_is_looked_at(tmp_path: Path) -> None:
    file = tmp_path / "test_looks.py"
    file.write_text(TESTS_WITH_A_LOOK_AFTERWARDS)
    options = ("-p", "tests.permissions.outcome", "-p", "no:cacheprovider", "-s", "-q", "--rootdir", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(file)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    for line in ("test_that_passes: True", "test_that_fails: False", "test_that_never_begins: False"):
        assert line in done.stdout, done.stdout
