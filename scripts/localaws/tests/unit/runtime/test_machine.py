from collections.abc import Iterator
from pathlib import Path

import pytest

from localaws.runtime import machine


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """What was found out about this machine is found out anew before and after each test."""
    found = (machine.system_folders, machine.linked_files)
    for function in found:
        function.cache_clear()
    yield
    for function in found:
        function.cache_clear()


def test_the_systems_folders_are_there_and_the_users_are_not() -> None:
    folders, links = machine.system_folders()
    assert {"/etc", "/usr"} <= {*folders, *links}
    assert not {"/home", "/root", "/opt", "/tmp", "/var", "/proc", "/dev"} & {*folders, *links}
    assert all(Path(link).readlink() == Path(text) for link, text in links.items())


@pytest.mark.parametrize(
    ("path", "is_one"),
    [("/etc/hosts", True), ("/usr", True), ("/user/x", False), ("/opt/usr", False), ("/home", False)],
)
def test_a_path_of_the_system_is_below_one_of_its_folders(path: str, *, is_one: bool) -> None:
    assert machine.is_of_the_system(path) is is_one


def test_a_file_of_the_system_may_be_a_link_to_a_file_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stub.conf").touch()
    (tmp_path / "resolv.conf").symlink_to("stub.conf")
    (tmp_path / "dangling").symlink_to("nowhere")
    files = (str(tmp_path / "resolv.conf"), str(tmp_path / "dangling"), "/etc/passwd")
    monkeypatch.setattr(machine, "_FILES", files)
    assert machine.linked_files() == (str(tmp_path / "stub.conf"),)


def test_certificates_are_those_that_exist(tmp_path: Path) -> None:
    host = {"SSL_CERT_FILE": str(tmp_path), "AWS_CA_BUNDLE": str(tmp_path / "gone"), "CURL_CA_BUNDLE": "", "HOME": "/"}
    assert machine.certificates(host) == {"SSL_CERT_FILE": str(tmp_path)}


def test_the_interpreter_is_that_of_the_base_installation() -> None:
    prefix, program = machine.interpreter()
    assert (prefix / program).is_file()
    assert (prefix / "lib" / "python3.13" / "os.py").is_file()
