"""`Jenkinsfile` → steps: a reader of the part of declarative pipelines that the file uses, which refuses the rest."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.unit.pipelines.plan import APPROVAL, ON_FAILURE, ROOT, Step, UnexpectedShape

FILE = "Jenkinsfile"
_SECTIONS = {
    "pipeline": {"agent", "options", "stages"},
    "stage": {"when", "input", "agent", "options", "environment", "steps", "post", "matrix"},
    "matrix": {"agent", "axes", "stages"},
    "axes": {"axis"},
    "post": {"always", "failure"},
}
_HEAD = re.compile(r"(\w+)(?:\s*\('([\w-]+)'\))?")


@dataclass
class Block:
    """A section: its name, its argument, the blocks in it, and its other lines."""

    name: str
    argument: str = ""
    blocks: list["Block"] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def find(self, name: str) -> "Block | None":
        """The one block of a name."""
        found = [block for block in self.blocks if block.name == name]
        if len(found) > 1:
            raise UnexpectedShape(f"{self.name} has {name} more than once")
        return found[0] if found else None

    def get(self, name: str) -> "Block":
        """The one block of a name, which must be there."""
        found = self.find(name)
        if found is None:
            raise UnexpectedShape(f"{self.name} {self.argument} has no {name}")
        return found


def expand() -> list[Step]:
    """The steps of all stages, in their order."""
    pipeline = parse((ROOT / FILE).read_text(encoding="utf-8"))
    return [step for stage in pipeline.get("stages").blocks for step in _stage(stage)]


def parse(text: str) -> Block:
    """The pipeline. Raises UnexpectedShape with the line of what isn't known."""
    top = Block("file")
    open_blocks = [top]
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("//"):
            continue
        if line == "}":
            if len(open_blocks) == 1:
                raise UnexpectedShape(f"line {number} closes what isn't open")
            open_blocks.pop()
        elif line.endswith("{"):
            head = _HEAD.fullmatch(line[:-1].strip())
            if not head:
                raise UnexpectedShape(f"line {number} isn't understood: {line}")
            _check_place(open_blocks[-1], head[1], number)
            block = Block(head[1], head[2] or "")
            open_blocks[-1].blocks.append(block)
            open_blocks.append(block)
        elif inline := re.fullmatch(r"(\w+) \{ (.+) \}", line):
            _check_place(open_blocks[-1], inline[1], number)
            open_blocks[-1].blocks.append(Block(inline[1], "", [], [inline[2]]))
        else:
            open_blocks[-1].lines.append(line)
    if len(open_blocks) > 1:
        raise UnexpectedShape(f"{open_blocks[-1].name} isn't closed")
    return top.get("pipeline")


def _check_place(parent: Block, name: str, number: int) -> None:
    if name not in _SECTIONS.get(parent.name, {name}):
        raise UnexpectedShape(f"line {number}: {name} isn't a section of {parent.name}")


def _stage(stage: Block) -> Iterator[Step]:
    name, on_main = stage.argument, _on_main(stage)
    if stage.find("input"):
        yield Step(name, "", APPROVAL, on_main)
    matrix = stage.find("matrix")
    if matrix:
        axis = matrix.get("axes").get("axis")
        variable = _words(axis, "name")[0]
        for value in _words(axis, "values"):
            for inner in matrix.get("stages").blocks:
                yield from (
                    Step(name, each.replace(f"${variable}", value), "", on_main) for each in _shell(inner, "steps")
                )
        return
    yield from (Step(name, command, "", on_main) for command in _shell(stage, "steps"))
    post = stage.find("post")
    if post and post.find("failure"):
        yield from (Step(name, command, ON_FAILURE, on_main) for command in _shell(post, "failure"))


def _on_main(stage: Block) -> bool:
    when = stage.find("when")
    if when is None:
        return False
    if stage.find("input") and "beforeInput true" not in when.lines:
        raise UnexpectedShape(f"{stage.argument} asks before it looks at its branch")
    if "branch 'main'" not in when.lines:
        raise UnexpectedShape(f"{stage.argument} has a condition that isn't known: {when.lines}")
    return True


def _words(block: Block, name: str) -> list[str]:
    (line,) = [line for line in block.lines if line.startswith(f"{name} ")]
    return re.findall(r"'([^']+)'", line)


def _shell(block: Block, section: str) -> list[str]:
    found = [re.fullmatch(r"sh '([^']+)'", line) for line in block.get(section).lines]
    if None in found:
        raise UnexpectedShape(f"{block.argument} has a step that isn't `sh`: {block.get(section).lines}")
    return [match[1] for match in found if match]
