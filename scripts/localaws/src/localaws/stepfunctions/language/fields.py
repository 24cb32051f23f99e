"""The fields of each type of state, by query language."""

from __future__ import annotations

from collections.abc import Mapping

JSONPATH, JSONATA = "JSONPath", "JSONata"
LANGUAGES = (JSONPATH, JSONATA)
MACHINE = frozenset({"Comment", "QueryLanguage", "StartAt", "States", "TimeoutSeconds", "Version"})
# The fields of a state machine within a Parallel or Map state.
BRANCH = frozenset({"Comment", "QueryLanguage", "StartAt", "States"})
PROCESSOR = BRANCH | {"ProcessorConfig"}

_ALL = frozenset({"Comment", "QueryLanguage", "Type"})
_FLOW = frozenset({"Next", "End"})
_PATHS = frozenset({"InputPath", "OutputPath"})
_RESULT = frozenset({"ResultPath"})
_HANDLERS = frozenset({"Retry", "Catch"})
_ASSIGN = frozenset({"Assign"})
_OUTPUT = frozenset({"Output"})
_COUNTS = ("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage")
_TIMES = ("TimeoutSeconds", "HeartbeatSeconds")
_MAP = frozenset({"ItemProcessor", "ItemReader", "ItemSelector", "ItemBatcher", "Iterator", "Label", "ResultWriter"})
# Fields of JSONPath whose value is read from a path.
PATH_TWINS = tuple(f"{name}Path" for name in (*_COUNTS, *_TIMES, "Seconds", "Timestamp", "Error", "Cause"))

_TASK = _ALL | _FLOW | _HANDLERS | _ASSIGN | {"Resource", "Credentials", *_TIMES}
_PARALLEL = _ALL | _FLOW | _HANDLERS | _ASSIGN | {"Branches"}
_EACH = _ALL | _FLOW | _HANDLERS | _ASSIGN | _MAP | frozenset(_COUNTS)
_WAIT = _ALL | _FLOW | _ASSIGN | {"Seconds", "Timestamp"}
_CHOICE = _ALL | _ASSIGN | {"Choices", "Default"}
_WORK = _PATHS | _RESULT | {"Parameters", "ResultSelector"}

# Type → query language → its fields.
FIELDS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "Choice": {JSONPATH: _CHOICE | _PATHS, JSONATA: _CHOICE | _OUTPUT},
    "Fail": {
        JSONPATH: _ALL | {"Error", "ErrorPath", "Cause", "CausePath"},
        JSONATA: _ALL | {"Error", "Cause"},
    },
    "Map": {
        JSONPATH: _EACH | _WORK | {"ItemsPath", *(f"{name}Path" for name in _COUNTS)},
        JSONATA: (_EACH | _OUTPUT | {"Items"}),
    },
    "Parallel": {JSONPATH: _PARALLEL | _WORK, JSONATA: _PARALLEL | _OUTPUT | {"Arguments"}},
    "Pass": {
        JSONPATH: _ALL | _FLOW | _PATHS | _RESULT | _ASSIGN | {"Parameters", "Result"},
        JSONATA: _ALL | _FLOW | _ASSIGN | _OUTPUT,
    },
    "Succeed": {JSONPATH: _ALL | _PATHS, JSONATA: _ALL | _OUTPUT},
    "Task": {
        JSONPATH: _TASK | _WORK | {f"{name}Path" for name in _TIMES},
        JSONATA: _TASK | _OUTPUT | {"Arguments"},
    },
    "Wait": {JSONPATH: _WAIT | _PATHS | {"SecondsPath", "TimestampPath"}, JSONATA: _WAIT | _OUTPUT},
}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "Choice": ("Choices",),
    "Parallel": ("Branches",),
    "Task": ("Resource",),
}
# The types of states whose `Output` and `Assign` read `$states.result`.
WITH_RESULT = frozenset({"Map", "Parallel", "Task"})
# The types of a state that has a transition.
FLOWING = frozenset(name for name, fields in FIELDS.items() if "Next" in fields[JSONPATH])
