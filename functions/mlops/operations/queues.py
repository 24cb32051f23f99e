"""The queues: how much waits in each, what failed at every try, and how that is moved back to be tried anew."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mlops.errors.operations import QueueNotFound, RedriveRefused
from mlops.operations.history import History, Redrive
from mlops.operations.letters import Letter

SUBJECT = "queues"
"""Of the history."""
MOST_LETTERS = 10
"""Messages that one look shows: as many as one ReceiveMessage returns."""
_WAIT_SECONDS = 1
_DEPTH = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed")
_MINUTES = timedelta(minutes=10)


@dataclass(frozen=True)
class Place:
    """A queue by its URL and that of its dead letters. Without a queue, letters can't be moved back: `remedy` says what
    helps."""

    name: str
    title: str
    dead_letters: str
    queue: str | None = None
    remedy: str = ""


@dataclass(frozen=True)
class Depth:
    """Messages of a queue that wait, that are worked on or wait for the next try, and that are delayed."""

    waiting: int
    in_flight: int
    delayed: int


@dataclass(frozen=True)
class Move:
    """A move of dead letters back to their queue, as SQS has it. `status` is SQS's word."""

    status: str
    moved: int
    of: int | None
    started: datetime
    reason: str | None


@dataclass(frozen=True)
class State:
    """A place with what is in it. `oldest` is the age of the queue's oldest message in seconds, None if not known."""

    place: Place
    depth: Depth | None
    dead: int
    oldest: float | None


def list_places(urls: Mapping[str, str]) -> tuple[Place, ...]:
    """The queues of a stack, by the URLs that its outputs have.

    The keys are TrainQueueUrl, TrainDeadLettersUrl, IngestQueueUrl, IngestDeadLettersUrl and MonitorDeadLettersUrl.
    """
    return (
        Place("train", "Trainings", urls["TrainDeadLettersUrl"], urls["TrainQueueUrl"]),
        Place("ingest", "Feedback files and failed records", urls["IngestDeadLettersUrl"], urls["IngestQueueUrl"]),
        Place(
            "monitor",
            "Runs of monitoring",
            urls["MonitorDeadLettersUrl"],
            remedy="The next hour's run goes on where they ended, so there is nothing to move back: look at the cause, "
            "then run `scripts/mlops monitor run`, and delete them.",
        ),
    )


class Queues:
    """The queues at `places`, through boto3's clients of SQS and CloudWatch; `now` is the time of the metrics."""

    def __init__(self, places: Sequence[Place], sqs: Any, cloudwatch: Any, now: Callable[[], datetime]) -> None:
        self._places = {place.name: place for place in places}
        self._sqs, self._cloudwatch, self._now = sqs, cloudwatch, now

    def place(self, name: str) -> Place:
        """A place by its name. Raises QueueNotFound."""
        if name not in self._places:
            raise QueueNotFound(name, list(self._places))
        return self._places[name]

    def states(self) -> list[State]:
        """What is in each of them."""
        ages = self._ages()
        return [
            State(
                place=place,
                depth=self._depth(place.queue) if place.queue else None,
                dead=self._depth(place.dead_letters).waiting,
                oldest=ages.get(place.name),
            )
            for place in self._places.values()
        ]

    def letters(self, name: str) -> list[Letter]:
        """Some of a place's dead letters, MOST_LETTERS at most; they stay where they are. Raises QueueNotFound."""
        url = self.place(name).dead_letters
        if not self._depth(url).waiting:
            return []
        found = self._sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=MOST_LETTERS,
            VisibilityTimeout=0,
            WaitTimeSeconds=_WAIT_SECONDS,
            MessageSystemAttributeNames=["SentTimestamp", "ApproximateReceiveCount"],
            MessageAttributeNames=["All"],
        )
        letters = {each["MessageId"]: Letter.read(each) for each in found.get("Messages", [])}
        return sorted(letters.values(), key=lambda letter: letter.sent)

    def moves(self, name: str) -> list[Move]:
        """The latest moves of a place's dead letters, the newest first. Raises QueueNotFound."""
        place = self.place(name)
        if place.queue is None:
            return []
        arn = self._arn(place.dead_letters)
        found = self._sqs.list_message_move_tasks(SourceArn=arn, MaxResults=10).get("Results", [])
        return [
            Move(
                status=each["Status"],
                moved=each.get("ApproximateNumberOfMessagesMoved", 0),
                of=each.get("ApproximateNumberOfMessagesToMove"),
                started=datetime.fromtimestamp(each["StartedTimestamp"] / 1000, self._now().tzinfo),
                reason=each.get("FailureReason"),
            )
            for each in found
        ]

    def redrive(self, name: str) -> str:
        """Have SQS move a place's dead letters back to its queue; returns what was begun.

        Raises QueueNotFound, and RedriveRefused if there's nothing to move, or SQS moves it already.
        """
        place, queue, count = self._movable(name)
        try:
            self._sqs.start_message_move_task(SourceArn=self._arn(place.dead_letters), DestinationArn=self._arn(queue))
        except self._sqs.exceptions.UnsupportedOperation as error:
            raise RedriveRefused(name, f"SQS is moving them already: {error}") from error
        return f"about {count:,} dead letter{'s' if count > 1 else ''} moved back to be tried anew"

    def check(self, name: str) -> None:
        """Raise QueueNotFound, or RedriveRefused if a place has no dead letter that can be moved back."""
        self._movable(name)

    def _movable(self, name: str) -> tuple[Place, str, int]:
        place = self.place(name)
        if place.queue is None:
            raise RedriveRefused(name, place.remedy)
        count = self._depth(place.dead_letters).waiting
        if not count:
            raise RedriveRefused(name, "There is no dead letter to move.")
        return place, place.queue, count

    def _depth(self, url: str) -> Depth:
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=list(_DEPTH))["Attributes"]
        return Depth(*(int(found[name]) for name in _DEPTH))

    def _arn(self, url: str) -> str:
        arn: str = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return arn

    def _ages(self) -> Mapping[str, float]:
        """The age of each queue's oldest message, by the last metric of it; minutes old."""
        queries = [
            {
                "Id": f"q{number}",
                "Label": place.name,
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/SQS",
                        "MetricName": "ApproximateAgeOfOldestMessage",
                        "Dimensions": [{"Name": "QueueName", "Value": place.queue.rpartition("/")[2]}],
                    },
                    "Period": 60,
                    "Stat": "Maximum",
                },
            }
            for number, place in enumerate(self._places.values())
            if place.queue
        ]
        end = self._now()
        found = self._cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=end - _MINUTES, EndTime=end)
        return {each["Label"]: each["Values"][0] for each in found["MetricDataResults"] if each["Values"]}


def redrive_letters(
    queues: Queues, history: History, name: str, *, by: str, why: str, seen: int | None = None
) -> Redrive:
    """Redrive a place's dead letters and record who wanted it and why; returns the record.

    `seen` is how many redrives of it were seen. Raises QueueNotFound, RedriveRefused and RedriveOvertaken.
    """
    queues.check(name)
    return history.redrive(f"{SUBJECT}/{name}", lambda: queues.redrive(name), by=by, why=why, seen=seen)
