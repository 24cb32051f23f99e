"""Deploys the Python SAM templates of a checkout on local AWS, and prints how many deploy, and why the others don't.

`python -m localaws_testing.public_templates CHECKOUT`, in tests/. A template counts if it has the SAM transform and a
function, and all of its functions are Python. Parameters without a default, or with a sentence for one ("Enter a …"),
get a value by their name and type; what some templates expect in an account, a secret, the hosted zones of their
domains, and a certificate of an earlier stack, is there.
Packages of functions come from the package index, so this needs the network.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from localaws.commands.remote import call
from localaws.deployment import read
from localaws.errors import LocalAwsError, TemplateRefused
from localaws.template.load import Template, load
from localaws.template.transform import uses_sam
from localaws_testing.ports import free_port

_FUNCTIONS = ("AWS::Serverless::Function", "AWS::Lambda::Function")
_SKIPPED = frozenset({".git", "node_modules", "cdk.out", ".aws-sam"})
# Stands for the ARN of the account's secret.
_SECRET = "the secret"
_DOMAIN = "api.example.com"
_CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-1111-1111-1111-111111111111"
# The SSM parameter in which apigw-edge-custom-domain/certificate.yaml, deployed before, leaves its certificate.
_CERTIFICATE_PARAMETER = "/api-gateway-custom-domain/CertArn"
# The value of a parameter whose name or type contains a word, the first that fits.
_VALUES = (
    ("list<aws::ec2::subnet", "subnet-11111111,subnet-22222222"),
    ("list<", "sg-11111111,sg-22222222"),
    ("commadelimitedlist", "one,two"),
    ("number", "3"),
    ("subnet", "subnet-11111111"),
    ("securitygroup", "sg-11111111"),
    ("vpc", "vpc-11111111"),
    ("hostedzone", "Z0123456789ABCDEFGHIJ"),
    ("email", "someone@example.com"),
    ("certificate", _CERTIFICATE),
    ("secretarn", _SECRET),
    ("streamarn", "arn:aws:kinesis:us-east-1:123456789012:stream/given"),
    ("arn", "arn:aws:iam::123456789012:role/given"),
    ("domain", _DOMAIN),
    ("url", "https://example.com/given"),
    ("account", "123456789012"),
    ("phone", "+15555550100"),
    ("cidr", "10.0.0.0/16"),
    ("volume", "fsvol-0123456789abcdef0"),
)


@dataclass(frozen=True)
class Result:
    """What became of a template: `reasons` is empty if it was deployed. `refused` is whether its parts were named."""

    template: str
    reasons: tuple[str, ...]
    refused: bool
    seconds: float


def templates(checkout: Path) -> Iterator[tuple[Path, Template]]:
    """The Python SAM templates of a checkout, by path."""
    for path in sorted(checkout.rglob("*")):
        if path.suffix not in (".yaml", ".yml", ".json") or _SKIPPED & set(path.parts) or not path.is_file():
            continue
        if "AWS::Serverless-2016-10-31" not in path.read_text(encoding="utf-8", errors="replace"):
            continue
        try:
            template = load(path)
        except LocalAwsError:
            continue
        if uses_sam(template.body) and _is_python(template.body):
            yield path, template


def _is_python(body: Mapping[str, Any]) -> bool:
    inherited = ((body.get("Globals") or {}).get("Function") or {}).get("Runtime")
    resources = [item for item in body["Resources"].values() if isinstance(item, dict)]
    runtimes = [
        (resource.get("Properties") or {}).get("Runtime", inherited)
        for resource in resources
        if resource.get("Type") in _FUNCTIONS
    ]
    named = [runtime for runtime in runtimes if isinstance(runtime, str)]
    return bool(named) and all(runtime.startswith("python3") for runtime in named)


def parameters(template: Template) -> dict[str, str]:
    """A value for each parameter without a usable default."""
    declared: Mapping[str, Any] = template.body.get("Parameters") or {}
    return {name: _value(name, spec) for name, spec in declared.items() if not _has_default(spec)}


def _has_default(spec: Mapping[str, Any]) -> bool:
    return "Default" in spec and not str(spec["Default"]).lower().startswith(("enter ", "your "))


def _value(name: str, spec: Mapping[str, Any]) -> str:
    if spec.get("AllowedValues"):
        return str(spec["AllowedValues"][0])
    words = f"{spec.get('Type', '')} {name}".lower().replace("_", "")
    found = next((value for word, value in _VALUES if word in words), "given-value")
    pattern = spec.get("AllowedPattern")
    if pattern and not re.fullmatch(str(pattern), found):
        found = next((value for _, value in _VALUES if re.fullmatch(str(pattern), value)), found)
    return found.ljust(int(spec.get("MinLength", 0)), "x")


def prepare(port: int, template: Template) -> str:
    """Create what a template expects in an account; returns the ARN of its secret."""
    session = boto3.Session("local", "local", region_name="us-east-1")
    endpoint = f"http://localhost:{port}"
    route53 = session.client("route53", endpoint_url=endpoint)
    for domain in {_DOMAIN, *_domains(template)}:
        route53.create_hosted_zone(Name=domain, CallerReference=domain)
    if not Path(template.source).name.startswith("certificate."):
        session.client("ssm", endpoint_url=endpoint).put_parameter(
            Name=_CERTIFICATE_PARAMETER, Value=_CERTIFICATE, Type="String"
        )
    secrets = session.client("secretsmanager", endpoint_url=endpoint)
    text = json.dumps({"username": "given", "password": "given"})
    return str(secrets.create_secret(Name="given", SecretString=text)["ARN"])


def _domains(template: Template) -> Iterator[str]:
    """The domains that are defaults of parameters."""
    for name, spec in (template.body.get("Parameters") or {}).items():
        default = str(spec.get("Default", ""))
        if name.lower() == "domain" and "." in default:
            yield default


def attempt(path: Path, template: Template, checkout: Path, port: int) -> Result:
    """Deploy a template to the local AWS on a port, and delete everything."""
    name, began = str(path.relative_to(checkout)), time.perf_counter()
    secret = prepare(port, template)
    given = {name: secret if value == _SECRET else value for name, value in parameters(template).items()}

    def result(*reasons: str, refused: bool = False) -> Result:
        return Result(name, reasons, refused, time.perf_counter() - began)

    try:
        read(path, given)
        request = {"template": str(path), "stack_name": "public", "parameters": given}
        [described] = call(port, "deploy", request, lambda line: None)["stacks"]
        return result() if described["status"] == "CREATE_COMPLETE" else result(str(described["reason"]))
    except TemplateRefused as error:
        return result(
            *(problem.what if "resource type" in problem.what else str(problem) for problem in error.problems),
            refused=True,
        )
    except LocalAwsError as error:
        return result(str(error))
    finally:
        call(port, "reset", {}, lambda line: None)


def report(results: list[Result]) -> str:
    """The results as Markdown."""
    failed = [result for result in results if result.reasons]
    lines = [f"{len(results)} templates, {len(results) - len(failed)} deployed, {len(failed)} not.", ""]
    by_reason: dict[str, list[str]] = defaultdict(list)
    for result in failed:
        for reason in dict.fromkeys(map(_short, result.reasons)):
            by_reason[reason].append(result.template)
    lines += ["| reason | templates |", "|---|---|"]
    for reason, names in sorted(by_reason.items(), key=lambda item: (-len(item[1]), item[0])):
        lines.append(f"| {reason} | {len(names)} |")
    lines += ["", "| template | refused by name | reasons |", "|---|---|---|"]
    for result in failed:
        reasons = "; ".join(dict.fromkeys(map(_short, result.reasons)))
        lines.append(f"| {result.template} | {'yes' if result.refused else 'no'} | {reasons} |")
    return "\n".join(lines)


def _short(reason: str) -> str:
    """A reason without its line and its resource's name."""
    line = " ".join(reason.split())
    return re.sub(r"^line \d+: [\w-]+\.?", "", line)[:200].replace("|", "\\|")


def main() -> int:
    """Deploy all templates; the exit code is 0 even if some don't deploy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--only", default="", help="deploy only templates whose path contains this")
    parser.add_argument("--json", type=Path, help="write the results into this file too")
    options = parser.parse_args()
    port, results = free_port(), list[Result]()
    with tempfile.TemporaryDirectory() as state:
        ports = ["--port", str(port), "--http-port", str(free_port()), "--state-dir", state]
        command = [sys.executable, "-m", "localaws", "up", *ports]
        with subprocess.Popen(command, cwd=state, text=True, stdout=subprocess.PIPE) as process:
            assert process.stdout
            for line in process.stdout:
                if line.startswith("  export "):
                    break
            for path, template in templates(options.checkout):
                if options.only in str(path):
                    results.append(attempt(path, template, options.checkout, port))
                    last = results[-1]
                    print(f"{last.seconds:6.1f} s {'-' if last.reasons else '+'} {last.template}", flush=True)
            process.terminate()
            process.stdout.read()
    print(report(results))
    if options.json:
        options.json.write_text(json.dumps([vars(result) for result in results], indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
