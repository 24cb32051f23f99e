import pytest

from localaws.builds.dockerignore import DockerIgnore


@pytest.mark.parametrize(
    ("rules", "path", "excluded"),
    [
        (["*.log"], "a.log", True),
        (["*.log"], "deep/a.log", False),
        (["**/*.log"], "deep/a.log", True),
        (["**/*.log"], "a.log", True),
        (["build"], "build/x/y", True),
        (["build/"], "build/x", True),
        (["/build"], "build/x", True),
        (["build"], "builder", False),
        (["*", "!src/"], "src/a.py", False),
        (["*", "!src/"], "other/a.py", True),
        (["*", "!src/", "**/__pycache__"], "src/__pycache__/a.pyc", True),
        (["!a.txt", "*.txt"], "a.txt", True),
        (["# *", ""], "a", False),
        (["file?.[tc]xt"], "file1.txt", True),
        (["file?.[tc]xt"], "file10.txt", False),
        (["a.b"], "axb", False),
    ],
)
def test_the_last_rule_that_matches_decides(rules: list[str], path: str, excluded: bool) -> None:
    assert DockerIgnore(rules).excludes(path) is excluded
