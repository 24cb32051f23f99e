"""`mlops monitor simulate`: traffic with a stated harm, so that anybody can see what the system makes of it."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.api import connect
from cli.errors import CommandError
from cli.stack import JsonOption, Stack, StackOption, console, progress_console
from simulation.days import Days, find_local
from simulation.harms import DESCRIPTIONS, Harm, HarmKind
from simulation.population import Population
from simulation.simulator import Simulator
from simulation.traffic import Api

_WITHOUT_COLUMNS = (HarmKind.NONE, HarmKind.LATE_TRUTH, HarmKind.NO_TRUTH)


def simulate(
    model: Annotated[str, typer.Argument(help="The model that gets the traffic.")],
    rows_of: Annotated[
        Path | None,
        typer.Option(
            "--dataset", help="Labelled rows to draw from; by default the example dataset of the model's name."
        ),
    ] = None,
    harm: Annotated[
        HarmKind, typer.Option(help="; ".join(f"{kind}: {what}" for kind, what in DESCRIPTIONS.items()) + ".")
    ] = HarmKind.NONE,
    column: Annotated[
        list[str] | None,
        typer.Option("--column", help="A column that is harmed; may be repeated. The first number if none."),
    ] = None,
    days: Annotated[int, typer.Option(help="So many days pass; on AWS, where they can't be hurried, one.", min=1)] = 1,
    rows: Annotated[int, typer.Option(help="Predictions a day.", min=1)] = 200,
    from_day: Annotated[
        int, typer.Option("--from-day", help="The day from which the harm is done; 1 is the first.", min=1)
    ] = 1,
    delay: Annotated[int, typer.Option(help="Days after which truth comes.", min=0)] = 0,
    seed: Annotated[int | None, typer.Option(help="The same seed draws the same rows.")] = None,
    stack: StackOption = "mlops",
    as_json: JsonOption = False,
) -> None:
    """Send simulated traffic to the live API, let days pass on local AWS, and say what monitoring found.

    The records are real ones: simulate on a stack whose records you can spare.
    """
    target = Stack(stack)
    url, local = target.outputs["ApiUrl"], find_local(target)
    if local is None and (days > 1 or delay):
        raise CommandError("On AWS days can't be hurried: --days and --delay are for local AWS (./scripts/start).")
    with connect(url, 60) as client:
        api = Api(client, model)
        population = _read_population(api, model, rows_of)
        numbers = [each.name for each in api.contract().columns if each.kind in ("number", "integer")]
        columns = tuple(column or numbers[:1])
        if harm not in _WITHOUT_COLUMNS:
            population.numbers(columns)
        chosen = seed if seed is not None else secrets.randbelow(2**31)
        done = Harm(harm, () if harm in _WITHOUT_COLUMNS else columns, from_day)
        simulator = Simulator(api, population, done, rows, delay, chosen)
        found = _send_today(simulator, target) if local is None else _let_days_pass(local, simulator, model, days)
    result = {"model": model, "harm": harm.value, "columns": list(done.columns), "seed": chosen, **found}
    if as_json:
        console.print_json(json.dumps(result))
        return
    _print(result, local)


def _read_population(api: Api, model: str, file: Path | None) -> Population:
    """From the file, or the example dataset of the model's name. Raises CommandError without either."""
    contract = api.contract()
    if file is not None:
        return Population.read(file, contract)
    # Imported here because examples need scikit-learn.
    from examples import EXAMPLES

    if model not in EXAMPLES:
        raise CommandError(f"No example dataset is named {model!r}: --dataset names a file with labelled rows.")
    with TemporaryDirectory() as folder:
        return Population.read(EXAMPLES[model].write(Path(folder)), contract)


def _send_today(simulator: Simulator, target: Stack) -> dict[str, Any]:
    sent = simulator.send(1, target.now())
    return {"days": [], "predictions": sent.predictions, "truths": sent.truths, "incident": None}


def _let_days_pass(local: Days, simulator: Simulator, model: str, count: int) -> dict[str, Any]:
    """Send each day's traffic, end the day, and note what monitoring found on it."""
    first, passed, incident = local.begin().date(), [], None
    totals = {"predictions": 0, "truths": 0}
    with local.monitored_daily():
        for number in range(1, count + 1):
            day = first + timedelta(days=number - 1)
            with _progress(f"day {number} of {count}, {day}"):
                sent = simulator.send(number, local.now)
                state = local.end_day(model, day)
            totals["predictions"] += sent.predictions
            totals["truths"] += sent.truths
            facts, incident = local.facts(model, day), state.incident
            drifted = sorted({each.column for version in facts.versions for each in version.columns if each.drifted})
            alarms = [
                each.model_dump(mode="json") for version in facts.versions for each in version.losses if each.alarm
            ]
            passed.append({"day": day.isoformat(), "versions": sent.versions, "drifted": drifted, "alarms": alarms})
    return {"days": passed, **totals, "incident": incident.model_dump(mode="json") if incident else None}


@contextmanager
def _progress(text: str) -> Iterator[None]:
    """A spinner on a terminal, a line elsewhere."""
    if progress_console.is_terminal:
        with progress_console.status(f"{text} …"):
            yield
    else:
        progress_console.print(f"{text} …")
        yield


def _print(result: dict[str, Any], local: Days | None) -> None:
    model, harm = result["model"], HarmKind(result["harm"])
    columns = f" ({', '.join(result['columns'])})" if result["columns"] else ""
    console.print(escape(f"{DESCRIPTIONS[harm]}{columns}; drawn with seed {result['seed']}"))
    console.print(f"sent {result['predictions']:,} predictions, and the truth about {result['truths']:,}")
    for day in result["days"]:
        by = ", ".join(f"version {version}" for version in day["versions"])
        drifted = f"; drifted: {', '.join(day['drifted'])}" if day["drifted"] else ""
        lost = f"; {', '.join(sorted({alarm['metric'] for alarm in day['alarms']}))} fell" if day["alarms"] else ""
        console.print(escape(f"  {day['day']}  {by}{lost}{drifted}"))
    if result["incident"]:
        incident = result["incident"]
        console.print(escape(f"incident {incident['id']}: {incident['status']}"))
        for step in incident["steps"]:
            console.print(escape(f"  {step['at'][:16].replace('T', ' ')}  {step['what']}"))
        console.print(f"all about it: scripts/mlops monitor incidents {model} {incident['id']}", style="dim")
    elif local is not None:
        console.print("no incident")
    if local is None:
        console.print("monitoring looks at this day when it's over: scripts/mlops monitor status", style="dim")
    else:
        console.print(f"what was found: scripts/mlops monitor report {model}", style="dim")
