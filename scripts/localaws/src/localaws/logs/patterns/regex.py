"""Regular expressions in filter patterns: `%…%`, a subset of the usual syntax.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html
"""

import re

from localaws.logs.errors import MalformedPattern

_FOREIGN = re.compile(r"[^A-Za-z0-9:_#=@/;,\-^$?\[\]{}|\\*+.]")


def compile_regex(body: str) -> re.Pattern[str]:
    """Compile the text between the percent signs. Raises MalformedPattern for characters that AWS refuses."""
    if foreign := _FOREIGN.search(body):
        hint = r"; write \s for a space" if foreign[0].isspace() else ""
        raise MalformedPattern(f"Invalid character {foreign[0]!r} in the regular expression %{body}%{hint}")
    try:
        return re.compile(body, re.ASCII)
    except re.error as error:
        raise MalformedPattern(f"The regular expression %{body}% is invalid: {error}") from error
