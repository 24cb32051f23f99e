"""The template environment of pages."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mlops.pages.numbers import write_gain, write_number, write_p_value


def make_environment(*folders: Path) -> Environment:
    """Templates of folders, which may include those of this package, `look.css` above all.

    Every text is escaped, and a name that a template doesn't get is an error.
    """
    environment = Environment(
        loader=FileSystemLoader([*folders, Path(__file__).parent]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=write_number, p_value=write_p_value)
    environment.filters["gain"] = write_gain
    return environment
