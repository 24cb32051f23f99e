"""`scripts/audit`: the template by checkov, the packages by name, version and hash."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.loops import ROOT

LAYERS = sorted(folder.name for folder in (ROOT / "layers").iterdir() if folder.is_dir())


@pytest.fixture(scope="module")
def audit() -> str:
    done = subprocess.run([ROOT / "scripts/audit"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_nothing_of_the_template_is_unanswered_and_every_package_is_accounted_for(audit: str) -> None:
    found = re.search(r"Passed checks: (\d+), Failed checks: 0", audit)
    assert found
    assert int(found[1]) > 50
    for name in LAYERS:
        assert re.search(rf"layers/{name}/: \d+ of \d+ packages looked up, none is known to be vulnerable", audit)
        bill = json.loads((ROOT / f".localaws/sbom/{name}.cdx.json").read_text())
        assert bill["bomFormat"] == "CycloneDX"
        listed = {f"{each['name']}=={each['version']}" for each in bill["components"]}
        pinned = re.findall(r"^([a-z0-9._-]+==[^ ;]+)", (ROOT / f"layers/{name}/requirements.txt").read_text(), re.M)
        assert listed == {*pinned}


def test_a_template_that_lets_a_bucket_be_public_is_found(tmp_path: Path) -> None:
    for name in ("scripts", "layers", "template.yaml", ".checkov.yaml", "pyproject.toml", "uv.lock", ".venv"):
        (tmp_path / name).symlink_to(ROOT / name)
    template = (ROOT / "template.yaml").read_text()
    (tmp_path / "template.yaml").unlink()
    (tmp_path / "template.yaml").write_text(template.replace("BlockPublicAcls: true", "BlockPublicAcls: false", 1))
    (tmp_path / "scripts").unlink()
    (tmp_path / "scripts").mkdir()
    for name in ("audit", "setup"):
        shutil.copy(ROOT / "scripts" / name, tmp_path / "scripts" / name)
    (tmp_path / "scripts/localaws").symlink_to(ROOT / "scripts/localaws")
    done = subprocess.run([tmp_path / "scripts/audit"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "CKV_AWS_53" in done.stdout
    assert "DataBucket" in done.stdout
