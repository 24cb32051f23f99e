"""The Lambda runtime of local AWS: builds layers and images and runs functions under AWS's emulator, without Docker."""

from localaws.runtime.emulator import find_emulator
from localaws.runtime.function import FunctionConfig, Invocation
from localaws.runtime.image import Image, build_image
from localaws.runtime.layer import build_layer
from localaws.runtime.managed import install_managed_runtime
from localaws.runtime.output import LogLine
from localaws.runtime.pool import FunctionPool
from localaws.runtime.reaper import Reaper

__all__ = [
    "FunctionConfig",
    "FunctionPool",
    "Image",
    "Invocation",
    "LogLine",
    "Reaper",
    "build_image",
    "build_layer",
    "find_emulator",
    "install_managed_runtime",
]
