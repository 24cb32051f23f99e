"""`base-image`: provide the base image of `sam build` and `sam local`.

It pulls AWS's image, or builds a replacement from Debian packages if that can't be pulled. It uses the running Docker
Engine. If none is running and the user is root on Debian, it starts one for the duration of the command, with its
images in the state folder.
"""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "provide the base image of `sam build` and `sam local`"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--state-dir", type=Path, default=Path(".localaws"), help="folder for images (.localaws)")


def run(options: argparse.Namespace) -> int:
    """Pull or build the image."""
    # Imported here because the other commands don't need Docker.
    from localaws.samlocal.base_image import NAMES, provide_base_image
    from localaws.samlocal.engine import open_engine

    with open_engine(options.state_dir.resolve(), print) as engine:
        kind = "a replacement built here" if provide_base_image(engine.client, print) else "AWS's image"
    print(f"{NAMES[0]} is {kind}")
    return 0
