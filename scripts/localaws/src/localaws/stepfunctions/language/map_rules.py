"""Validates Map states: where the items come from, how they're batched, and where results go."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from localaws.stepfunctions.language.diagnostics import Findings, Where
from localaws.stepfunctions.language.fields import JSONATA
from localaws.stepfunctions.language.jsonata import is_expression
from localaws.stepfunctions.language.numbers import OPTIONS

_DELIMITERS = ("COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB")
_READER_CONFIG = frozenset(
    {
        "CSVDelimiter",
        "CSVHeaderLocation",
        "CSVHeaders",
        "InputType",
        "ItemsPointer",
        "ManifestType",
        "MaxItems",
        "MaxItemsPath",
        "Transformation",
    }
)
_BATCH_LIMITS = frozenset({"MaxItemsPerBatch", "MaxInputBytesPerBatch"})
_BATCHER = _BATCH_LIMITS | {"BatchInput", *(f"{name}Path" for name in _BATCH_LIMITS)}
# AWS refuses spaces, wildcards, brackets, these special characters and control characters.
_LABEL = re.compile(r"[^\s?*<>{}\[\]:;,\\|^~$#%&`\"\x00-\x1f\x7f-\x9f]{1,40}")
_WRITER_CONFIG = frozenset({"OutputType", "Transformation"})
_DISTRIBUTED_ONLY = (
    "ItemReader",
    "ItemBatcher",
    "Label",
    "ResultWriter",
    "ToleratedFailureCount",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentage",
    "ToleratedFailurePercentagePath",
)


def is_distributed(state: Mapping[str, Any]) -> bool:
    """Whether a Map state runs child executions."""
    processor = state.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
    return isinstance(config, Mapping) and config.get("Mode") == "DISTRIBUTED"


def check_map(findings: Findings, state: Mapping[str, Any], where: Where, kind: str, language: str) -> None:
    """Check a Map state of a state machine of a type, in a query language."""
    if "ItemSelector" in state and "Parameters" in state:
        findings.wrong((*where, "Parameters"), "The fields 'ItemSelector' and 'Parameters' exclude each other")
    processor = state.get("ItemProcessor")
    config = processor.get("ProcessorConfig", {}) if isinstance(processor, Mapping) else {}
    place = (*where, "ItemProcessor", "ProcessorConfig")
    if not isinstance(config, Mapping):
        findings.wrong(place, "The value must be an object")
        return
    for name in config:
        if name not in ("Mode", "ExecutionType"):
            findings.wrong((*place, name), f"Field '{name}' is not supported")
    if config.get("Mode", "INLINE") not in ("INLINE", "DISTRIBUTED"):
        findings.wrong((*place, "Mode"), "The value must be 'INLINE' or 'DISTRIBUTED'")
    if is_distributed(state):
        _check_distributed(findings, state, config, where, kind)
        _check_parts(findings, state, where, language)
        _check_options(findings, state, where, language)
        return
    for name in _DISTRIBUTED_ONLY:
        if name in state:
            findings.wrong((*where, name), f"Field '{name}' is only supported by the mode DISTRIBUTED")


def _check_distributed(
    findings: Findings, state: Mapping[str, Any], config: Mapping[str, Any], where: Where, kind: str
) -> None:
    place = (*where, "ItemProcessor", "ProcessorConfig")
    if kind == "EXPRESS":
        findings.wrong(place, "Express state machine does not support the mode DISTRIBUTED")
    if config.get("ExecutionType") not in ("STANDARD", "EXPRESS"):
        findings.wrong((*place, "ExecutionType"), "The value must be 'STANDARD' or 'EXPRESS'")
    _check_reader(findings, state.get("ItemReader"), (*where, "ItemReader"))
    _check_batcher(findings, state.get("ItemBatcher"), (*where, "ItemBatcher"))
    _check_writer(findings, state.get("ResultWriter"), (*where, "ResultWriter"))


def _check_parts(findings: Findings, state: Mapping[str, Any], where: Where, language: str) -> None:
    """Check the arguments of the reader and of the writer, which depend on the query language, and the label."""
    arguments, other = ("Arguments", "Parameters") if language == JSONATA else ("Parameters", "Arguments")
    for name in ("ItemReader", "ResultWriter"):
        part, place = state.get(name), (*where, name)
        if not isinstance(part, Mapping):
            continue
        if other in part:
            findings.wrong((*place, other), f"Field '{other}' is not supported with the query language {language}")
        if ("Resource" in part) != (arguments in part):
            findings.wrong(place, f"The fields 'Resource' and '{arguments}' are required together")
        if not part:
            findings.wrong(place, "The object must not be empty")
    label = state.get("Label", "label")
    if not isinstance(label, str) or not _LABEL.fullmatch(label):
        findings.wrong((*where, "Label"), "The value must be a string of 1 to 40 characters that names may have")


def _check_options(findings: Findings, state: Mapping[str, Any], where: Where, language: str) -> None:
    """Check the numbers of the reader and of the batcher."""
    reader = state.get("ItemReader")
    for name, options in (
        ("ItemReader", reader.get("ReaderConfig") if isinstance(reader, Mapping) else None),
        ("ItemBatcher", state.get("ItemBatcher")),
    ):
        for option, value in options.items() if isinstance(options, Mapping) else ():
            place = (*where, name, option)
            if (
                option in OPTIONS
                and not (language == JSONATA and is_expression(value))
                and not OPTIONS[option].has(value)
            ):
                findings.wrong(place, f"The value must be {OPTIONS[option]}")
            if language == JSONATA and option.endswith("Path"):
                findings.wrong(place, f"Field '{option}' is not supported with the query language {language}")


def _only(findings: Findings, given: Any, where: Where, known: frozenset[str]) -> Mapping[str, Any]:
    """The object in a field, {} if there's none; its unknown fields are refused."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        findings.wrong(where, "The value must be an object")
        return {}
    for name in given:
        if name not in known:
            findings.wrong((*where, name), f"Field '{name}' is not supported")
    return given


def _check_reader(findings: Findings, reader: Any, where: Where) -> None:
    given = _only(findings, reader, where, frozenset({"Arguments", "Parameters", "ReaderConfig", "Resource"}))
    if not given:
        return
    config = _only(findings, given.get("ReaderConfig"), (*where, "ReaderConfig"), _READER_CONFIG)
    action = str(given.get("Resource", "")).rpartition("arn:aws:states:::s3:")[2]
    if action not in ("getObject", "listObjectsV2"):
        findings.wrong((*where, "Resource"), "The value must be the resource s3:getObject or s3:listObjectsV2")
    kind, place = config.get("InputType"), (*where, "ReaderConfig")
    if kind in ("PARQUET",) or config.get("ManifestType") == "ATHENA_DATA":
        findings.unsupported((*place, "InputType"), f"an ItemReader of {kind} and {config.get('ManifestType')}")
    elif action == "getObject" and kind not in ("CSV", "JSON", "JSONL", "MANIFEST"):
        findings.wrong((*place, "InputType"), "The value must be one of CSV, JSON, JSONL, MANIFEST, PARQUET")
    if config.get("Transformation", "NONE") != "NONE":
        findings.unsupported((*place, "Transformation"), "a Transformation of an ItemReader")
    if kind == "CSV" and config.get("CSVHeaderLocation") not in ("FIRST_ROW", "GIVEN"):
        findings.wrong((*place, "CSVHeaderLocation"), "The value must be 'FIRST_ROW' or 'GIVEN'")
    names = config.get("CSVHeaders")
    are_names = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if config.get("CSVHeaderLocation") == "GIVEN" and not are_names:
        findings.wrong((*place, "CSVHeaders"), "The value must be an array of strings")
    if config.get("CSVDelimiter", "COMMA") not in _DELIMITERS:
        findings.wrong((*place, "CSVDelimiter"), f"The value must be one of {', '.join(_DELIMITERS)}")


def _check_batcher(findings: Findings, batcher: Any, where: Where) -> None:
    given = _only(findings, batcher, where, _BATCHER)
    if batcher is not None and not {name.removesuffix("Path") for name in given} & _BATCH_LIMITS:
        findings.wrong(where, f"One of these fields is required: {', '.join(sorted(_BATCH_LIMITS))}")


def _check_writer(findings: Findings, writer: Any, where: Where) -> None:
    given = _only(findings, writer, where, frozenset({"Arguments", "Parameters", "Resource", "WriterConfig"}))
    if "Resource" in given and given["Resource"] != "arn:aws:states:::s3:putObject":
        findings.wrong((*where, "Resource"), "The value must be the resource s3:putObject")
    config = _only(findings, given.get("WriterConfig"), (*where, "WriterConfig"), _WRITER_CONFIG)
    for name, values in (("Transformation", ("NONE", "COMPACT", "FLATTEN")), ("OutputType", ("JSON", "JSONL"))):
        if config.get(name, values[0]) not in values:
            findings.wrong((*where, "WriterConfig", name), f"The value must be one of {', '.join(values)}")
