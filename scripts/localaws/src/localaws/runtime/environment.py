"""The environment variables of a sandbox: AWS's and the template's, none of this machine's."""

import os
import sys

from localaws.runtime.function import FunctionConfig
from localaws.runtime.layout import Layout

_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
# These change the behaviour of the emulator.
_NOT_PASSED_ON = ("AWS_LAMBDA_MAX_CONCURRENCY",)
_OWN_LIBRARIES = "/var/lang/lib"


def import_path(config: FunctionConfig, layout: Layout) -> str:
    """PYTHONPATH in AWS's order: the task, the layers (the last one wins), the image's packages, the runtime."""
    added = config.environment.get("PYTHONPATH") or (
        config.image.environment.get("PYTHONPATH") if config.image else None
    )
    return os.pathsep.join([*layout.imports, *([added] if added else [])])


def sandbox_environment(config: FunctionConfig, layout: Layout, log_stream: str) -> dict[str, str]:
    """All environment variables of a sandbox; AWS's reserved variables override the template's."""
    mapped_image = {
        name: value.replace("/var/task", layout.task)
        for name, value in (config.image.environment if config.image else {}).items()
    }
    open_to_change = {
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "PATH": layout.path,
        "LD_LIBRARY_PATH": layout.libraries,
        "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
        **layout.certificates,
    }
    if layout.temporary:
        # AWS has neither, but there, /tmp is the sandbox's own and the code can't be written.
        open_to_change |= {"TMPDIR": layout.temporary, "PYTHONDONTWRITEBYTECODE": "1"}
    reserved = {
        "_HANDLER": config.entry,
        "AWS_ACCESS_KEY_ID": config.keys.access_key,
        "AWS_SECRET_ACCESS_KEY": config.keys.secret_key,
        "AWS_SESSION_TOKEN": config.keys.token,
        "AWS_REGION": config.region,
        "AWS_DEFAULT_REGION": config.region,
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{_PYTHON}",
        "AWS_LAMBDA_FUNCTION_NAME": config.name,
        "AWS_LAMBDA_FUNCTION_VERSION": config.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.memory),
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": config.logs_to,
        "AWS_LAMBDA_LOG_STREAM_NAME": log_stream,
        "LAMBDA_TASK_ROOT": layout.task,
        "LAMBDA_RUNTIME_DIR": layout.runtime,
        "PYTHONPATH": import_path(config, layout),
    }
    if config.json_logs:
        reserved |= {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": config.log_level or "INFO"}
    given = {name: value for name, value in config.environment.items() if name not in _NOT_PASSED_ON}
    variables = {**open_to_change, **mapped_image, **given, **reserved}
    if layout.root and _OWN_LIBRARIES not in variables["LD_LIBRARY_PATH"].split(":"):
        # Python's own library may be there only, other than on AWS.
        variables["LD_LIBRARY_PATH"] += f":{_OWN_LIBRARIES}"
    return variables
