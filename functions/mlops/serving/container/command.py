"""The flags of `python serve.py`: each setting has one, which goes before its environment variable."""

from argparse import ArgumentParser
from collections.abc import MutableMapping, Sequence

from mlops.errors.base import SettingInvalid
from mlops.serving.container.server import run_server
from mlops.serving.container.settings import ContainerSettings
from mlops.settings import read_settings

_PREFIX = "serve_"


def serve(app: str, arguments: Sequence[str], environ: MutableMapping[str, str]) -> None:
    """Serve the application that is imported from `app`.

    Flags become variables of `environ`, which further processes inherit. A bad value ends the process with status 2.
    """
    parser = _make_parser()
    given = vars(parser.parse_args(arguments))
    environ.update({name.upper(): value for name, value in given.items() if value is not None})
    try:
        settings = read_settings(ContainerSettings, environ)
    except SettingInvalid as error:
        parser.error(str(error))
    run_server(app, settings)


def _make_parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="serve.py",
        description="Serve predictions. The settings of the API, such as MODELS_BUCKET, are environment variables.",
        allow_abbrev=False,
    )
    for name, field in ContainerSettings.model_fields.items():
        flag = f"--{name.removeprefix(_PREFIX).replace('_', '-')}"
        about = f"{field.description} (variable {name.upper()}, default {field.default})"
        parser.add_argument(flag, dest=name, metavar=name.rpartition("_")[2].upper(), help=about.replace("%", "%%"))
    return parser
