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
        ("requirements.txt", "/var/task", True),
        ("app.py", "/var/task", True),
        ("lib.py", "/var/task", True),
        ("src", "/var/task/src", False),
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
        ("WORKDIR /tmp/x", "WORKDIR /tmp/x (a function doesn't get 'tmp' from its image)"),
        ("COPY --from=build /x ./", "COPY with --from"),
        ("COPY ../x ./", "COPY of '../x', outside the build context"),
        ("COPY **/*.py ./", "COPY of the pattern '**/*.py'"),
        ("COPY x /tmp/", "COPY to /tmp (a function doesn't get 'tmp' from its image)"),
        ("COPY x ../../proc/x", "COPY to /proc/x (a function doesn't get 'proc' from its image)"),
        (
            "RUN curl -O https://example.org/x",
            "RUN 'curl -O https://example.org/x' (only pip install, python -m compileall and package managers)",
        ),
        ("RUN dnf -y groupinstall dev", "RUN 'dnf -y groupinstall dev' (only install, update and clean)"),
        ("RUN yum install -y", "RUN 'yum install -y' (only install, update and clean)"),
        ("RUN dnf --installroot=/x install git", "dnf's flag --installroot=/x"),
        ("RUN rm -rf /var/task/*", "RUN with the shell syntax *"),
        ("RUN pip install x; rm -r /", "RUN with the shell syntax ;"),
        ("RUN pip install x | tee log", "RUN with the shell syntax |"),
        ("RUN pip install $(cat x)", "RUN with the shell syntax ()"),
        ("RUN --mount=type=cache,target=/x pip install x", "RUN with --mount=type=cache,target=/x"),
        ("RUN pip install --editable .", "pip's flag --editable"),
        ("RUN pip install --target /tmp/x x", "pip's --target /tmp/x (a function doesn't get 'tmp' from its image)"),
        ("RUN pip install -r", "pip's -r without a value"),
        ("RUN pip install --no-deps", "`pip install` without packages"),
        ("ENV A=${B#x}", "the substitution ${B#x}"),
        ("CMD app.handler", 'CMD in shell form (write CMD ["…"])'),
        ('CMD ["python", "app.py"]', "CMD ('python', 'app.py') (only a handler of the form module.function)"),
        ("ENTRYPOINT bash", 'ENTRYPOINT in shell form (write ENTRYPOINT ["…"])'),
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
    refusals = plan("USER a\nRUN apt-get update \\\n  && apt-get source git\nVOLUME /x\n").refusals
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


def test_files_may_go_anywhere_and_relative_paths_begin_in_the_working_directory() -> None:
    found = plan(
        "COPY model /opt/ml/model\nWORKDIR /app\nCOPY a.py b.py ./\nWORKDIR src\nCOPY c.py .\nCOPY d.py ../../srv/\n"
        "RUN pip install -t . six\nRUN pip install --target=/opt/python six\n"
    )
    assert found.refusals == []
    assert [(source.path, source.destination, source.into_folder) for source in found.sources] == [
        ("model", "/opt/ml/model", False),
        ("a.py", "/app", True),
        ("b.py", "/app", True),
        ("c.py", "/app/src", True),
        ("d.py", "/srv", True),
    ]
    assert [(folder, install.target) for _, folder, install in found.installs] == [
        ("/app/src", "."),
        ("/app/src", "/opt/python"),
    ]
    assert found.folder == "/app/src"


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("dnf install gcc-c++ -y", ["gcc-c++"]),
        (
            "yum -y update && yum install -y libgomp libpq && yum clean all && rm -rf /var/cache/yum",
            ["libgomp", "libpq"],
        ),
        ("microdnf install --nodocs --setopt=install_weak_deps=0 which", ["which"]),
        ("apt-get update && apt-get install -y --no-install-recommends git && rm -rf /var/lib/apt/lists/*", ["git"]),
        ("dnf upgrade -y --releasever=latest", []),
    ],
)
def test_the_packages_of_the_systems_package_managers_are_found(command: str, names: list[str]) -> None:
    found = plan(f"\nRUN {command}\n")
    assert found.refusals == []
    assert found.packages == [(3, name) for name in names]


def test_the_python_of_the_base_image_may_be_used() -> None:
    (install,) = plan("RUN python3.9 -m pip install -r requirements.txt -t .\n").installs
    assert install[2].target == "."


def test_the_handler_may_be_in_the_entry_point() -> None:
    assert plan('ENTRYPOINT ["/usr/bin/python3", "-m", "awslambdaric"]\nCMD ["a.b.handler"]\n').handler == "a.b.handler"
    assert plan('ENTRYPOINT ["python", "-m", "awslambdaric", "a.handler"]\n').handler == "a.handler"


def test_an_entry_point_of_its_own_is_kept_and_one_that_runs_functions_is_none() -> None:
    assert plan('ENTRYPOINT ["python3", "work.py"]\n').entry_point == ("python3", "work.py")
    assert plan('ENTRYPOINT ["bash"]\nENTRYPOINT ["/lambda-entrypoint.sh"]\n').entry_point == ()
    assert plan('ENTRYPOINT ["python", "-m", "awslambdaric", "a.handler"]\n').entry_point == ()
