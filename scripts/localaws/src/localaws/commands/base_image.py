"""`base-image`: provide the image that `sam build` and `sam local` start from.

It's AWS's own where that can be pulled, else a stand-in made from Debian's packages. Uses the Docker that runs; where
none does, root on Debian starts one for the time of this command, whose images are kept in the state folder.
"""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = "provide the image that `sam build` and `sam local` start from, on the Docker that runs"


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("--state-dir", type=Path, default=Path(".localaws"), help="where images are kept (.localaws)")


def run(options: argparse.Namespace) -> int:
    """See to it that the image is there."""
    # Loaded here because the other commands do without Docker.
    from localaws.samlocal.base_image import NAMES, provide_base_image
    from localaws.samlocal.engine import open_engine

    with open_engine(options.state_dir.resolve(), print) as engine:
        kind = "a stand-in" if provide_base_image(engine.client, print) else "AWS's own"
    print(f"{NAMES[0]} is {kind}")
    return 0
