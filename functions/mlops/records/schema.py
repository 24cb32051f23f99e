"""The fields of a prediction record and of a feedback line: name, type in Athena, meaning.

Members of a log line that aren't named here (level, service, xray_trace_id …) are in the objects too; no reader of
records needs them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """A field of a record. `type` is Athena's; `meaning` gives the unit where there is one."""

    name: str
    type: str
    meaning: str


PREDICTION_FIELDS = (
    Field("record", "string", '"prediction"'),
    Field("model", "string", "the model's name; the partition's too"),
    Field("prediction_id", "string", "version 7 UUID; its first 48 bits are milliseconds since 1970"),
    Field("timestamp", "string", "when the record was written, ISO 8601 with zone, to the millisecond"),
    Field("model_version", "bigint", "the version that answered"),
    Field("role", "string", "as what it answered: champion, challenger, requested; fallback for a failed challenger"),
    Field("latency_ms", "double", "time of the whole request in the function, milliseconds"),
    Field("function_request_id", "string", "Lambda's id of the request"),
    Field("request_id", "string", "API Gateway's id of the request"),
    Field("label", "string", "the answer of a classifier"),
    Field("probability", "double", "the probability of `label`"),
    Field("probabilities", "map<string,double>", "the probability of each label"),
    Field("value", "double", "the answer of a regressor, in the target's unit"),
    Field("challenger_label", "string", "the answer of the challenger in the shadow"),
    Field("challenger_probability", "double", "its probability"),
    Field("challenger_value", "double", "the answer of the challenger of a regressor"),
    Field("challenger_version", "bigint", "the challenger's version"),
    Field("inputs", "map<string,string>", "the row after the privacy rule; missing where it isn't recorded"),
    Field("inputs_cut", "array<string>", "columns whose text was cut to RECORD_CELL_BYTES"),
)

FEEDBACK_FIELDS = (
    Field("record", "string", '"feedback"'),
    Field("model", "string", "the model's name; the partition's too"),
    Field("prediction_id", "string", "the prediction that the truth is about; missing where `key` names it"),
    Field("key", "map<string,string>", "the row's key columns after the privacy rule, where there's no prediction_id"),
    Field("truth", "string", "the label that was right, or the number"),
    Field("at", "string", "the truth's own time, ISO 8601 in UTC, to the microsecond"),
    Field("received_at", "string", "when it was received, likewise"),
    Field("source", "string", '"api", or "file:" and the key of the feedback file'),
)
