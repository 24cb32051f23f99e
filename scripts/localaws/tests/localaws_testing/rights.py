"""Runs Python with fewer rights: arguments for the interpreter, before those of what it runs."""

import subprocess
import sys

_WITHOUT_ADMINISTRATION = """
import ctypes, os, sys
if ctypes.CDLL(None).prctl(24, 21, 0, 0, 0):  # drops CAP_SYS_ADMIN, for the superuser
    assert os.getuid()
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
_WITHOUT_NAMESPACES = f"""
import os
from pathlib import Path
user, group = os.getuid(), os.getgid()
os.unshare(os.CLONE_NEWUSER)
maps = {{"setgroups": "deny", "uid_map": f"{{user}} {{user}} 1", "gid_map": f"{{group}} {{group}} 1"}}
for name, line in maps.items():
    Path("/proc/self", name).write_text(line)
Path("/proc/sys/user/max_user_namespaces").write_text("0")
{_WITHOUT_ADMINISTRATION}
"""


def can_run(by: tuple[str, ...]) -> bool:
    """Whether this machine lets Python run so: it needs user namespaces itself."""
    return subprocess.run([sys.executable, *by, "-c", ""], capture_output=True, check=False).returncode == 0


# It can make mount namespaces in a user namespace only, like most users.
WITHOUT_ADMINISTRATION = ("-c", _WITHOUT_ADMINISTRATION)
# It can make neither, like most containers.
WITHOUT_NAMESPACES = ("-c", _WITHOUT_NAMESPACES)
