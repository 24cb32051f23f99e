"""A small repository of git's, with a template, stages, a spec and datasets."""

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Repository:
    """A checkout; `commit` writes files and commits them."""

    root: Path

    def git(self, *words: str) -> str:
        who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
        done = subprocess.run(["git", *who, *words], cwd=self.root, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def commit(self, files: dict[str, str]) -> str:
        """Write the files (or delete those with the content ""), commit them, return the commit."""
        for name, content in files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if content:
                file.write_text(content, encoding="utf-8")
            else:
                file.unlink()
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path / "checkout")
    made.root.mkdir()
    made.git("init", "--quiet", "--initial-branch", "main")
    for name in ("template.yaml", "samconfig.toml", ".gitignore"):
        shutil.copy(ROOT / name, made.root / name)
    made.commit({"functions/models/churn.py": "spec = 1\n", "datasets/churn/2026-10.csv": "a,b\n1,2\n"})
    return made
