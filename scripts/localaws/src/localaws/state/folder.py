"""The folder of the state: one JSON document, and one file per content of an object."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
from pathlib import Path
from typing import Any

from localaws.errors import LocalAwsError

FORMAT = 1


class Folder:
    """The folder of one local AWS; raises LocalAwsError if another one uses it."""

    def __init__(self, root: Path) -> None:
        self._document, self._contents = root / "state.json", root / "contents"
        self._contents.mkdir(parents=True, exist_ok=True)
        # Secrets are in there.
        root.chmod(0o700)
        self._lock = (root / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise LocalAwsError(
                f"Another local AWS uses the folder {root}. Stop it, or choose another folder."
            ) from None

    def read(self) -> dict[str, Any]:
        """The saved state; empty for a new folder. Raises LocalAwsError for a damaged file or an unknown format."""
        if not self._document.exists():
            return {}
        try:
            state = json.loads(self._document.read_text(encoding="utf-8"), object_hook=_decoded)
        except ValueError as error:
            raise LocalAwsError(
                f"{self._document} is damaged ({error}). Delete {self._document.parent} to begin without that state."
            ) from None
        if state.get("format") != FORMAT:
            raise LocalAwsError(f"{self._document} has format {state.get('format')}; this version reads {FORMAT}.")
        return dict(state)

    def write(self, state: dict[str, Any]) -> None:
        """Replace the saved state atomically."""
        unfinished = self._document.with_suffix(".unfinished")
        unfinished.write_text(json.dumps({"format": FORMAT} | state, default=_encoded), encoding="utf-8")
        unfinished.replace(self._document)

    def put(self, content: bytes) -> str:
        """Store a content; returns its name."""
        digest = hashlib.sha256(content).hexdigest()
        place = self._contents / digest
        if not place.exists():
            unfinished = place.with_suffix(".unfinished")
            unfinished.write_bytes(content)
            unfinished.replace(place)
        return digest

    def get(self, name: str) -> bytes:
        """A stored content."""
        return (self._contents / name).read_bytes()

    def delete_contents_except(self, names: set[str]) -> None:
        """Delete the contents that aren't in `names`."""
        for place in self._contents.iterdir():
            if place.name not in names:
                place.unlink()

    def close(self) -> None:
        """Release the folder."""
        self._lock.close()


def _encoded(value: Any) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"__bytes__": base64.b64encode(value).decode()}
    raise TypeError(f"{type(value).__name__} can't be saved")


def _decoded(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["__bytes__"]) if set(value) == {"__bytes__"} else value
