"""`scripts/sam-base-image`: the image that `sam local` and `sam build` start from, on the Docker that runs."""

import argparse
import sys
from pathlib import Path

from localaws.errors import LocalAwsError
from samlocal.base_image import NAMES, provide_base_image
from samlocal.engine import open_engine


def main() -> int:
    """See to it that the image is there; returns the exit code."""
    description = (
        f"Gives the names {' and '.join(NAMES)} an image: AWS's own where it can be pulled, else a stand-in made "
        "from Debian's packages. Uses the Docker that runs; where none does, root on Debian starts one for the time "
        "of this command, whose images ./scripts/start --docker uses."
    )
    argparse.ArgumentParser(prog="scripts/sam-base-image", description=description).parse_args()
    try:
        with open_engine(Path(__file__).parents[2] / ".localaws", print) as engine:
            kind = "a stand-in" if provide_base_image(engine.client, print) else "AWS's own"
    except LocalAwsError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    print(f"{NAMES[0]} is {kind}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
