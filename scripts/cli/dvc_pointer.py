"""A .dvc file that points at one version of an S3 object, as `dvc import-url` writes it for versioned buckets.

`dvc pull` fetches that version, also after another was uploaded under the key: https://dvc.org/doc/user-guide/project-structure/dvc-files.
DVC's S3 client follows AWS_ENDPOINT_URL, so the same pointer is resolved on AWS and on local AWS.
"""

from pathlib import Path
from typing import Any

import yaml

from cli.whole_file import whole_file


def write_pointer(pointer: Path, *, uri: str, s3_version: str | None, etag: str, size: int, md5: str) -> None:
    """Write the pointer to the file next to it, whose name is the pointer's without `.dvc`, whole or not at all.

    `etag` is the object's, without quotes; `size` is in bytes; `md5` is that of its content, hexadecimal.
    """
    version = {"version_id": s3_version} if s3_version else {}
    document: dict[str, Any] = {
        "frozen": True,
        "deps": [
            {
                "etag": etag,
                "size": size,
                **version,
                "hash": "md5",
                "path": uri,
                "fs_config": {"version_aware": bool(version)},
            }
        ],
        # Not pushed: S3 has it already.
        "outs": [{"md5": md5, "size": size, "hash": "md5", "path": pointer.stem, "push": False}],
    }
    with whole_file(pointer) as path:
        path.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
