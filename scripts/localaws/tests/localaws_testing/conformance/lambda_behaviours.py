"""What Lambda's API does: rows of the conformance table."""

from __future__ import annotations

from collections.abc import Mapping

LAMBDA: Mapping[str, str] = {
    "lambda environment": "reserved and malformed variables, and more than 4 KB of them, are refused",
    "lambda asynchronous concurrency": "parents and children run up to the account's concurrency",
    "function revisions": "an update or version of a revision or code that isn't the latest one is refused",
    "function versions": (
        "versions aren't changed, nor deleted while an alias calls them, and their numbers aren't given again"
    ),
    "function names": "functions are called by name, ARN and partial ARN, with and without a qualifier",
    "function permissions": "a statement isn't replaced by another with its id",
    "lambda limits": "memory, timeout, names and texts outside of Lambda's limits are refused by the API too",
    "lambda archives": "code that isn't a zip archive, or has 250 MB of files, is refused, of functions and layers",
    "lambda layer limits": "more than five layers, two versions of one, and versions that don't exist are refused",
    "lambda reservations": "reserved concurrency leaves 100 of the account's to the other functions",
    "lambda asynchronous settings": "ages, attempts and destinations that Lambda refuses are refused",
    "lambda url qualifiers": "functions and aliases have URLs, versions have none",
    "lambda aliases": "taken and malformed names of aliases, weights over 1, and one of its own version, are refused",
    "lambda constraints": (
        "members of requests that are missing, or outside of the enumerations, lengths, ranges and patterns of "
        "Lambda's API, are refused, all of them in one message"
    ),
    "lambda client contexts": "a client context that is too long, or isn't a JSON object in base64, is refused",
    "lambda unknown functions": "what belongs to an unknown function isn't found",
    "lambda lists": "lists have pages, and only what is asked for by version, runtime, source or function",
    "lambda updates": (
        "an update of code or settings changes the revision and the time, a dry run nothing; a version is published "
        "once for each change"
    ),
    "lambda alias revisions": "an update of an alias expects its latest revision, and changes it",
    "lambda policies": "functions, versions and aliases have statements of their own in policies",
    "lambda reservations of nothing": (
        "asynchronous events of a function without concurrency go to its dead-letter queue and destination at once"
    ),
    "lambda destinations": "a function can't be its own destination",
    "event source mapping requests": (
        "unknown mappings aren't found, options of streams are refused for queues, and mappings are described with "
        "their defaults, and the alias that they call"
    ),
}
