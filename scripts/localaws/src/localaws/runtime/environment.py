"""The environment variables of a sandbox: AWS's and the template's, none of this machine's."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from localaws.runtime.function import FunctionConfig

# Without these, TLS fails behind a company's proxy. They contain paths of certificates, no secrets.
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE")
_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
# These change the behaviour of the emulator.
_NOT_PASSED_ON = ("AWS_LAMBDA_MAX_CONCURRENCY",)


def import_path(config: FunctionConfig, task: Path, runtime: Path) -> str:
    """PYTHONPATH in AWS's order: the task, the layers (the last one wins), the image's packages, the runtime."""
    folders = [task]
    for layer in reversed(config.layers):
        nested = layer / "python" / "lib" / _PYTHON / "site-packages"
        folders += [nested, layer / "python"] if nested.is_dir() else [layer / "python"]
    if config.image:
        folders.append(config.image.packages)
    added = config.environment.get("PYTHONPATH") or (
        config.image.environment.get("PYTHONPATH") if config.image else None
    )
    return os.pathsep.join([*map(str, folders), str(runtime), *([added] if added else [])])


def sandbox_environment(
    config: FunctionConfig, task: Path, runtime: Path, temporary: Path, log_stream: str, host: Mapping[str, str]
) -> dict[str, str]:
    """All environment variables of a sandbox.

    `task` is the folder with the code, `runtime` that of the managed runtime, `temporary` the sandbox's /tmp. From
    `host`, this machine's environment, only the paths of TLS certificates are used. AWS's reserved variables override
    the template's.
    """
    mapped_image = {
        name: value.replace("/var/task", str(task))
        for name, value in (config.image.environment if config.image else {}).items()
    }
    open_to_change = {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": _SYSTEM_PATH,
        "TMPDIR": str(temporary),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        **{name: host[name] for name in _CERTIFICATES if host.get(name)},
    }
    reserved = {
        "_HANDLER": config.entry,
        "AWS_ACCESS_KEY_ID": "localaws",
        "AWS_SECRET_ACCESS_KEY": "localaws",
        "AWS_SESSION_TOKEN": "localaws",
        "AWS_REGION": config.region,
        "AWS_DEFAULT_REGION": config.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{_PYTHON}",
        "AWS_LAMBDA_FUNCTION_NAME": config.name,
        "AWS_LAMBDA_FUNCTION_VERSION": config.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": config.logs_to,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "LAMBDA_TASK_ROOT": str(task),
        "LAMBDA_RUNTIME_DIR": str(runtime),
        "PYTHONPATH": import_path(config, task, runtime),
    }
    if config.json_logs:
        reserved |= {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": config.log_level or "INFO"}
    given = {name: value for name, value in config.environment.items() if name not in _NOT_PASSED_ON}
    return {**open_to_change, **mapped_image, **given, **reserved}
