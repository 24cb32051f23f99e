import json

from localaws.runtime import report


def test_a_warm_call_is_reported_without_init() -> None:
    assert report.report_line("id", 1.234, 128, 60, None, None) == (
        "REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 60 MB"
    )


def test_a_cold_start_is_billed_with_its_init() -> None:
    line = report.report_line("id", 10.5, 128, 60, 200.2, None)
    assert "\tBilled Duration: 211 ms\t" in line
    assert line.endswith("\tInit Duration: 200.20 ms")


def test_a_failure_is_named() -> None:
    assert report.report_line("id", 1, 128, 6, None, "timeout").endswith("\tStatus: timeout")
    failed = report.report_line("id", 1, 128, 6, None, "Runtime.ExitError")
    assert failed.endswith("\tStatus: error\tError Type: Runtime.ExitError")


def test_the_timeout_line_has_the_time_and_the_limit() -> None:
    assert (
        report.timeout_line("id", 3, 1_700_000_000_042)
        == "2023-11-14T22:13:20.042Z id Task timed out after 3.00 seconds"
    )


def test_an_error_of_the_platform_carries_the_request_id() -> None:
    assert json.loads(report.error_payload("id", "Kind", "it broke")) == {
        "errorType": "Kind",
        "errorMessage": "RequestId: id Error: it broke",
    }
