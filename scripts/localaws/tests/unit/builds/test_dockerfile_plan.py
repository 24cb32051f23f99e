import pytest

from localaws.builds.dockerfile_plan import Plan, read_plan
from localaws.builds.pip import Install

FROM = "FROM public.ecr.aws/lambda/python:3.13\n"


def plan(text: str, **args: str) -> Plan:
    return read_plan(FROM + text, args)


def test_a_typical_dockerfile_is_planned() -> None:
    found = plan(
        "# why not\nARG WHERE=requirements.txt\nENV A=1 B='two words'\nENV C three words\nLABEL org=x\n"
        "WORKDIR /var/task\nCOPY $WHERE ./\nRUN python -m pip install \\\n    --no-cache-dir \\\n    # a comment\n"
        "    -r ${WHERE} && python3 -m compileall -q .\nCOPY app.py lib.py ${LAMBDA_TASK_ROOT}/\n"
        'COPY src/ ./src\nENTRYPOINT ["/lambda-entrypoint.sh"]\nCMD ["app.handler"]\n'
    )
    assert found.refusals == []
    assert found.environment == {"A": "1", "B": "two words", "C": "three words"}
    assert [(source.path, source.destination, source.into_folder) for source in found.sources] == [
        ("requirements.txt", "", True),
        ("app.py", "", True),
        ("lib.py", "", True),
        ("src", "src", False),
    ]
    assert [install for _, _, install in found.installs] == [Install((), (("-r", "requirements.txt"),), None, True)]
    assert found.handler == "app.handler"


@pytest.mark.parametrize(
    "base",
    [
        "public.ecr.aws/lambda/python:3.13",
        "public.ecr.aws/lambda/python:3.13.2025.01.01",
        "public.ecr.aws/lambda/python:3.9",
        "--platform=linux/amd64 $BASE",
    ],
)
def test_the_base_image_of_lambda_is_recognized_in_each_form(base: str) -> None:
    text = f"ARG BASE=public.ecr.aws/lambda/python:3.13@sha256:{'0' * 64}\nFROM {base}\n"
    assert read_plan(text, {}).refusals == []


@pytest.mark.parametrize(
    ("line", "refusal"),
    [
        ("FROM python:3.13 AS build", "a multi-stage build (a second FROM, or FROM … AS)"),
        ("ADD https://example.org/x.tar ./", "the instruction ADD"),
        ("USER nobody", "the instruction USER"),
        ('SHELL ["bash"]', "the instruction SHELL"),
        ("HEALTHCHECK NONE", "the instruction HEALTHCHECK"),
        ("WORKDIR /opt", "WORKDIR /opt (only /var/task)"),
        ("COPY --from=build /x ./", "COPY with --from"),
        ("COPY ../x ./", "COPY of '../x', outside the build context"),
        ("COPY **/*.py ./", "COPY of the pattern '**/*.py'"),
        ("COPY x /opt/python/", "COPY to /opt/python (only below /var/task)"),
        ("COPY x ../tasks/", "COPY to /var/tasks (only below /var/task)"),
        ("RUN dnf install -y git", "RUN 'dnf install -y git' (only pip install and python -m compileall)"),
        ("RUN pip install x; rm -r /", "RUN with the shell syntax ;"),
        ("RUN pip install x | tee log", "RUN with the shell syntax |"),
        ("RUN pip install $(cat x)", "RUN with the shell syntax ()"),
        ("RUN --mount=type=cache,target=/x pip install x", "RUN with --mount=type=cache,target=/x"),
        ("RUN pip install --editable .", "pip's flag --editable"),
        ("RUN pip install --target /opt/python x", "pip's --target /opt/python (only /var/task)"),
        ("RUN pip install -r", "pip's -r without a value"),
        ("RUN pip install --no-deps", "`pip install` without packages"),
        ("ENV A=${B#x}", "the substitution ${B#x}"),
        ("CMD app.handler", 'CMD in shell form (write CMD ["…"])'),
        ('CMD ["python", "app.py"]', "CMD ('python', 'app.py') (only a handler of the form module.function)"),
        ('ENTRYPOINT ["bash"]', "ENTRYPOINT ['bash'] (only AWS's runtime interface client)"),
    ],
)
def test_instructions_that_need_docker_are_refused_by_name_and_line(line: str, refusal: str) -> None:
    assert plan(f"\n{line}\n").refusals == [f"line 3: {refusal} isn't supported"]


def test_another_base_image_is_refused() -> None:
    assert read_plan("FROM python:3.13-slim\n", {}).refusals == [
        "line 1: the base image 'python:3.13-slim' (only public.ecr.aws/lambda/python:3.13) isn't supported"
    ]


def test_a_dockerfile_without_a_base_is_refused() -> None:
    assert read_plan('CMD ["app.handler"]\n', {}).refusals == ["line 1: a Dockerfile without FROM isn't supported"]


def test_all_refusals_are_reported_at_once() -> None:
    refusals = plan("USER a\nRUN apt-get update \\\n  && apt-get install git\nVOLUME /x\n").refusals
    assert [refusal.partition(":")[0] for refusal in refusals] == ["line 2", "line 3", "line 5"]


def test_build_arguments_override_defaults() -> None:
    assert plan("ARG A=1\nENV B=${A} C=${D:-none} E=${A:+set}\n", A="2").environment == {
        "B": "2",
        "C": "none",
        "E": "set",
    }


def test_pips_flags_are_passed_to_uv_or_ignored() -> None:
    ((_, _, install),) = plan(
        "RUN pip install -q --no-cache-dir --root-user-action=ignore --no-compile --no-deps -c limits.txt "
        "--index-url=https://example.org/simple -t ${LAMBDA_TASK_ROOT} 'numpy>=2,<3' boto3==1.43.0\n"
    ).installs
    assert install == Install(
        ("--no-deps", "--index-url", "https://example.org/simple", "numpy>=2,<3", "boto3==1.43.0"),
        (("-c", "limits.txt"),),
        "/var/task",
        False,
    )


def test_the_python_of_the_base_image_may_be_used() -> None:
    (install,) = plan("RUN python3.9 -m pip install -r requirements.txt -t .\n").installs
    assert install[2].target == "."


def test_the_handler_may_be_in_the_entry_point() -> None:
    assert plan('ENTRYPOINT ["/usr/bin/python3", "-m", "awslambdaric"]\nCMD ["a.b.handler"]\n').handler == "a.b.handler"
    assert plan('ENTRYPOINT ["python", "-m", "awslambdaric", "a.handler"]\n').handler == "a.handler"
