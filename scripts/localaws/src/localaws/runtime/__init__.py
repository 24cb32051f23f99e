"""The Lambda runtime of local AWS: runs functions with AWS's emulator, without Docker."""

from localaws.runtime.emulator import find_emulator
from localaws.runtime.function import FunctionConfig, Invocation
from localaws.runtime.launcher import Launcher
from localaws.runtime.output import LogLine
from localaws.runtime.pool import FunctionPool
from localaws.runtime.reaper import Reaper

__all__ = ["FunctionConfig", "FunctionPool", "Invocation", "Launcher", "LogLine", "Reaper", "find_emulator"]
