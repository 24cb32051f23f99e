"""The sequence of `scripts/tour shop`: a young shop's first version, one customer, days of many, the next version."""

from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from cli.reports import wait_for_report
from cli.stack import Stack
from examples.shop import CATEGORIES, Shop, write_catalog, write_shop
from loop.errors import LoopFailed
from loop.flow import STACK, Options, start
from loop.screen import Screen
from loop.tour.shop.comparison import compare_versions
from loop.tour.shop.days import ShopDays
from loop.tour.shop.somebody import show_somebody
from loop.tour.waiting import await_version, wait_for_interrupt
from mlops.intake.catalogs import catalog_key
from simulation.customers import Customers, ShopApi
from simulation.days import find_local

MODEL = "recommender"
OPEN_DAYS = 21
NOT_YET = ("shoes", "music", "garden", "office")
VISITS = 1.6
_TRAINING_SECONDS = 300


@dataclass(frozen=True)
class ShopTour:
    """The customers of each day, and the seed that draws them; with `stay` all runs on at the end, until Ctrl-C."""

    customers: int
    seed: int
    stay: bool


def run(options: Options, tour: ShopTour, screen: Screen) -> None:
    """Show the shop. Raises LoopFailed if it didn't go as it should, CommandError and LocalAwsError."""
    with ExitStack() as stack:
        running = start(options, screen, stack)
        target = Stack(STACK)
        days = find_local(target)
        assert days is not None
        client = stack.enter_context(running.connect(timeout=60))
        api = ShopApi(client, MODEL)
        opened = (days.now - timedelta(days=OPEN_DAYS)).replace(microsecond=0)
        shop = Shop(visits=VISITS, days=OPEN_DAYS, opened=opened, absent=NOT_YET)
        folder = options.state / "tour"
        _train_first(folder, shop, target, screen)
        await_version(api, 1)
        show_somebody(screen, shop, api, days.now)
        whole = replace(shop, absent=())
        _put_catalog(write_catalog(folder, whole), target)
        screen.line(f"\n[bold]The shop gets {', '.join(NOT_YET)}[/]: a new catalogue; version 1 knows none of it")
        stack.enter_context(days.monitored_daily())
        news = replace(shop, absent=tuple(name for name in CATEGORIES if name not in NOT_YET))
        customers = Customers(whole, api, tour.seed, visited=(whole, news))
        learnt = ShopDays(screen, days, customers, tour.customers).play()
        compare_versions(screen, customers, learnt)
        screen.line(f"\nIt took {screen.elapsed:.0f} s of this machine.")
        if tour.stay:
            wait_for_interrupt(screen, "scripts/mlops recommend u00017 --explain")


def _train_first(folder: Path, shop: Shop, target: Stack, screen: Screen) -> None:
    """Upload the catalogue and what people did in the shop's first days, and wait for version 1."""
    folder.mkdir(parents=True, exist_ok=True)
    events = write_shop(folder, shop)
    _put_catalog(events.with_name("items.csv"), target)
    bucket, key = target.outputs["DataBucketName"], f"datasets/{MODEL}/{events.name}"
    put = target.s3.put_object(Bucket=bucket, Key=key, Body=events.read_bytes())
    with screen.step(f"TrainFunction trains, tests and registers version 1 of {MODEL}"):
        report = wait_for_report(target, bucket, key, put.get("VersionId"), _TRAINING_SECONDS)
    if report["outcome"] != "promoted":
        raise LoopFailed(f"Version 1 was {report['outcome']}: {report['reason']}")
    items = int(shop.present.sum())
    screen.line(
        f"""
The shop opened {OPEN_DAYS} days ago; it has {items} items and {shop.users} customers. They are simulated, so it's
known how much they like each item, and how often they would click it. Nothing else is: these are the functions, queues,
tables, records and schedules that run on AWS, on a clock that is moved from day to day."""
    )


def _put_catalog(file: Path, target: Stack) -> None:
    """Upload the catalogue; the next training reads it."""
    key = catalog_key(MODEL, ".csv")
    target.s3.put_object(Bucket=target.outputs["DataBucketName"], Key=key, Body=file.read_bytes())
