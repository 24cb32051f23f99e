"""Values that stacks export, and the stacks that import them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from localaws.cloudformation.stack import Output, Stack
from localaws.errors import TemplateError


def exported(stacks: Iterable[Stack]) -> dict[str, str]:
    """Export name → value, of all stacks."""
    return {output.export: output.value for stack in stacks for output in stack.outputs if output.export}


def importers(stacks: Iterable[Stack], export: str) -> list[str]:
    """The names of the stacks that import a value."""
    return [stack.name for stack in stacks if export in stack.imports]


def check_deletion(stack: Stack, stacks: Iterable[Stack]) -> None:
    """Raise TemplateError if another stack imports a value of `stack`, which therefore can't be deleted."""
    _check({output.export: output.value for output in stack.outputs if output.export}, {}, stack, list(stacks))


def check_change(stack: Stack, before: Iterable[Output], after: Iterable[Output], stacks: Iterable[Stack]) -> None:
    """Raise TemplateError if an update of `stack` removes or changes a value that another stack imports."""
    old, new = ({item.export: item.value for item in outputs if item.export} for outputs in (before, after))
    _check(old, new, stack, list(stacks))


def _check(old: Mapping[str, str], new: Mapping[str, str], stack: Stack, stacks: list[Stack]) -> None:
    others = [other for other in stacks if other is not stack]
    for export, value in old.items():
        if new.get(export) == value:
            continue
        users = importers(others, export)
        if users and export in new:
            raise TemplateError(f"Export {export} cannot be updated as it is in use by {', '.join(users)}")
        if users:
            raise TemplateError(
                f"Delete canceled. Cannot delete export {export} as it is in use by {', '.join(users)}."
            )
